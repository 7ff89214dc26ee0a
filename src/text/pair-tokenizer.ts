import * as z from "zod/mini";
import { DataError } from "../errors.js";
import { Characters, CharactersJSON } from "./characters.js";

/** What stands in the model file. Widths are in tokens; the target's includes the start token. */
export const PairTokenizerJSON = z.object({
  source: CharactersJSON,
  target: CharactersJSON,
  sourceWidth: z.int().check(z.minimum(1)),
  targetWidth: z.int().check(z.minimum(2)),
  start: z.string(),
});

/**
 * From pairs of text to pairs of ids and back, in the fixed-width form of the book: blanks fill a source and a target up
 * to their widths, and are characters like any other. A target begins with the start character.
 */
export class PairTokenizer {
  constructor(
    readonly source: Characters,
    readonly target: Characters,
    readonly sourceWidth: number,
    readonly targetWidth: number,
    readonly start: string,
  ) {}

  /** @throws DataError where the JSON is of another form */
  static fromJSON(json: unknown): PairTokenizer {
    const parsed = z.safeParse(PairTokenizerJSON, json);
    if (!parsed.success) throw new DataError(`Tokenizer: ${z.prettifyError(parsed.error)}`);
    const { source, target, sourceWidth, targetWidth, start } = parsed.data;
    const [from, to] = [new Characters(source.characters), new Characters(target.characters)];
    return new PairTokenizer(from, to, sourceWidth, targetWidth, start);
  }

  get startId(): number {
    return this.target.encode(this.start)[0] ?? 0;
  }

  /** @throws DataError for a character that was never seen, or a text that is too long */
  encodeSource(text: string): number[] {
    return this.source.encode(this.#fill(text, this.sourceWidth));
  }

  /** @param text begins with the start character */
  encodeTarget(text: string): number[] {
    return this.target.encode(this.#fill(text, this.targetWidth));
  }

  /** The text of a question, without the blanks that fill it. */
  decodeSource(ids: Iterable<number>): string {
    return this.source.decode(ids).trimEnd();
  }

  /** The text of an answer, without the blanks that fill it. */
  decodeTarget(ids: Iterable<number>): string {
    return this.target.decode(ids).trimEnd();
  }

  toJSON(): z.infer<typeof PairTokenizerJSON> {
    const { source, target, sourceWidth, targetWidth, start } = this;
    return { source: source.toJSON(), target: target.toJSON(), sourceWidth, targetWidth, start };
  }

  #fill(text: string, width: number): string {
    const length = [...text].length;
    if (length > width)
      throw new DataError(`"${text}": expected at most ${width} characters, as in training, got ${length}.`);
    return text + " ".repeat(width - length);
  }
}
