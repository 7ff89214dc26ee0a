import * as z from "zod/mini";
import { EosTargets, LongestJSON } from "../../text/targets.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import { PictureFormat } from "./picture-format.js";

const size = z.int().check(z.minimum(1));

/** What stands in the model file. */
export const PictureTargetsJSON = z.object({
  type: z.literal("pictures"),
  format: PictureFormat,
  picture: z.object({ height: size, width: size, channels: size }),
  target: TokenizerJSON,
  longest: LongestJSON,
});
export type PictureTargetsJSON = z.infer<typeof PictureTargetsJSON>;

/** Captions, and how pictures are read. */
export class PictureTargets extends EosTargets {
  /**
   * @param format what turns a picture into numbers
   * @param picture how many there are of them: the pixels', or those of a network's features
   * @param longest tokens of the longest caption, the end of sequence among them
   */
  constructor(
    target: Tokenizer,
    readonly format: PictureFormat,
    readonly picture: PictureTargetsJSON["picture"],
    longest: number,
  ) {
    super(target, { source: picture.height * picture.width, target: longest });
  }

  static fromJSON({ target, format, picture, longest }: PictureTargetsJSON): PictureTargets {
    return new PictureTargets(tokenizerFromJSON(target), format, picture, longest.target);
  }

  decodeSource(): string {
    return `a picture of ${this.format.width} × ${this.format.height} pixels`;
  }

  sourceTokens(_row: Iterable<number>, S = this.longest.source): string[] {
    const { columns } = gridOf(this.format, S);
    return Array.from({ length: S }, (_, s) => `${Math.floor(s / columns) + 1}, ${(s % columns) + 1}`);
  }

  toJSON(): PictureTargetsJSON {
    const { format, picture, target, longest } = this;
    return { type: "pictures", format, picture, target: target.toJSON(), longest };
  }
}

/** Rows and columns of a grid of S places that lies over a picture. */
export function gridOf(
  { height, width }: { height: number; width: number },
  S: number,
): { rows: number; columns: number } {
  const rows = Math.max(1, Math.round(Math.sqrt((S * height) / width)));
  return { rows, columns: Math.ceil(S / rows) };
}
