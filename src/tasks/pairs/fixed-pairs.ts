import * as z from "zod/mini";
import { DataError } from "../../engine/errors.js";
import { Characters, CharactersJSON } from "../../text/characters.js";
import { quote } from "../../text/quote.js";
import type { PairTokenizer } from "./pair-tokenizer.js";

const BLANK = " ";

/** What stands in the model file. Widths are in tokens, at most those of the longest line; the target's includes the start token. */
export const FixedPairsJSON = z
  .object({
    type: z.optional(z.undefined()), // what tells it from EosPairs, whose files are younger
    source: CharactersJSON,
    target: CharactersJSON,
    sourceWidth: z.int().check(z.minimum(1), z.maximum(10_000)),
    targetWidth: z.int().check(z.minimum(2), z.maximum(10_000)),
    start: z.string(),
  })
  .check(z.refine(({ target, start }) => target.characters.includes(start), { path: ["start"] }));
export type FixedPairsJSON = z.infer<typeof FixedPairsJSON>;

/**
 * From pairs of text to pairs of ids and back, in the fixed-width form of the book: blanks fill a source and a target up
 * to their widths, and are characters like any other. A target begins with the start character.
 */
export class FixedPairs implements PairTokenizer {
  readonly start: number;
  readonly end = undefined;
  readonly longest: { readonly source: number; readonly target: number };

  constructor(
    readonly source: Characters,
    readonly target: Characters,
    readonly sourceWidth: number,
    readonly targetWidth: number,
    readonly startCharacter: string,
  ) {
    this.start = target.idOf(startCharacter);
    this.longest = { source: sourceWidth, target: targetWidth - 1 };
  }

  static fromJSON({ source, target, sourceWidth, targetWidth, start }: FixedPairsJSON): FixedPairs {
    const [from, to] = [Characters.fromJSON(source), Characters.fromJSON(target)];
    return new FixedPairs(from, to, sourceWidth, targetWidth, start);
  }

  get sourceSize(): number {
    return this.source.size;
  }

  get targetSize(): number {
    return this.target.size;
  }

  sourceTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => this.source.token(id));
  }

  targetTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => this.target.token(id));
  }

  /** @throws DataError for a character that was never seen, or a text that is too long */
  encodeSource(text: string): number[] {
    return encode(this.source, text, this.sourceWidth);
  }

  encodeTarget(text: string): number[] {
    const { startCharacter: start } = this;
    const answer = text.startsWith(start) ? text.slice(start.length) : text;
    return [this.start, ...encode(this.target, answer, this.targetWidth - 1)];
  }

  /** The text of a question, without the blanks that fill it. */
  decodeSource(ids: Iterable<number>): string {
    return this.source.decode(withoutBlanks(this.source, ids));
  }

  /** The text of an answer, without the blanks that fill it. */
  decodeTarget(ids: Iterable<number>): string {
    return this.target.decode(this.withoutFill(ids));
  }

  withoutFill(ids: Iterable<number>): number[] {
    return withoutBlanks(this.target, ids);
  }

  toJSON(): FixedPairsJSON {
    const { source, target, sourceWidth, targetWidth, startCharacter: start } = this;
    return { source: source.toJSON(), target: target.toJSON(), sourceWidth, targetWidth, start };
  }
}

/** Ids up to the last that is no blank. */
function withoutBlanks(characters: Characters, ids: Iterable<number>): number[] {
  const all = [...ids];
  return all.slice(0, all.findLastIndex((id) => characters.token(id) !== BLANK) + 1);
}

/** The ids of a text, filled with blanks up to `width`. */
function encode(characters: Characters, text: string, width: number): number[] {
  const length = [...text].length;
  if (length > width)
    throw new DataError(`${quote(text)}: expected at most ${width} characters, as in training, got ${length}.`);
  if (length < width && !characters.characters.includes(BLANK))
    throw new DataError(
      `${quote(text)}: expected ${width} characters, as in training, got ${length}.`,
      "the model has seen no blanks, which would fill it",
    );
  return [...characters.encode(text), ...characters.encode(BLANK.repeat(width - length))];
}
