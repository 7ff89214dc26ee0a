import * as z from "zod/mini";
import { EosTarget, LongestJSON, type PairCodec, type SourceCodec } from "../../text/codec.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import { PictureFormat } from "./picture-format.js";

const size = z.int().check(z.minimum(1));

/** `CaptionPairs` in the model file. */
export const CaptionPairsJSON = z.object({
  type: z.literal("pictures"),
  format: PictureFormat,
  picture: z.object({ height: size, width: size, channels: size }),
  target: TokenizerJSON,
  longest: LongestJSON,
});
export type CaptionPairsJSON = z.infer<typeof CaptionPairsJSON>;

/** Sources that are pictures. */
export class PictureSource implements SourceCodec {
  readonly reads = "pictures";

  /**
   * @param format turns a picture into numbers
   * @param picture the shape of these numbers: of the pixels, or of the features of a network
   */
  constructor(
    readonly format: PictureFormat,
    readonly picture: CaptionPairsJSON["picture"],
  ) {}

  get longest(): number {
    return this.picture.height * this.picture.width;
  }

  decode(): string {
    return `a picture of ${this.format.width} × ${this.format.height} pixels`;
  }

  tokens(_row: Iterable<number>, S = this.longest): string[] {
    const { columns } = gridOf(this.format, S);
    return Array.from({ length: S }, (_, s) => `${Math.floor(s / columns) + 1}, ${(s % columns) + 1}`);
  }
}

/** Pictures as the source, captions as the target. */
export class CaptionPairs implements PairCodec<PictureSource> {
  readonly source: PictureSource;
  readonly target: EosTarget;

  /**
   * @param format turns a picture into numbers
   * @param picture the shape of these numbers: of the pixels, or of the features of a network
   * @param longest tokens of the longest caption, the end-of-sequence token included
   */
  constructor(target: Tokenizer, format: PictureFormat, picture: CaptionPairsJSON["picture"], longest: number) {
    this.source = new PictureSource(format, picture);
    this.target = new EosTarget(target, longest);
  }

  static fromJSON({ target, format, picture, longest }: CaptionPairsJSON): CaptionPairs {
    return new CaptionPairs(tokenizerFromJSON(target), format, picture, longest.target);
  }

  toJSON(): CaptionPairsJSON {
    const { format, picture, longest } = this.source;
    const { tokenizer, longest: target } = this.target;
    return { type: "pictures", format, picture, target: tokenizer.toJSON(), longest: { source: longest, target } };
  }
}

/** Rows and columns of a grid of S positions over a picture. */
export function gridOf(
  { height, width }: { height: number; width: number },
  S: number,
): { rows: number; columns: number } {
  const rows = Math.max(1, Math.round(Math.sqrt((S * height) / width)));
  return { rows, columns: Math.ceil(S / rows) };
}
