import * as z from "zod/mini";
import { DataError, nearestFew } from "../errors.js";

/** What stands in the model file for a vocabulary of words. */
export const WordsJSON = z.object({ type: z.literal("words"), words: z.array(z.string()) });
export type WordsJSON = z.infer<typeof WordsJSON>;

/** The token at the end of every line. */
export const END = "<eos>";
/** The token for every word that is not in the vocabulary. */
export const UNKNOWN = "<unk>";

/** The words of a text: what blanks separate, and `<eos>` for each line break. */
export function splitWords(text: string): string[] {
  return text
    .replaceAll("\n", ` ${END} `)
    .split(/\s+/u)
    .filter((word) => word !== "");
}

/** A vocabulary of words; a word's id is its place in the list. A word outside it is read as `<unk>`. */
export class Words {
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknown: number | undefined;

  constructor(readonly words: readonly string[]) {
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.#unknown = this.#ids.get(UNKNOWN);
  }

  /**
   * The `limit` most frequent words, in the order in which they first appear; `<unk>` is always among them.
   * @param counts how often each word occurs, in order of first appearance
   */
  static of(counts: ReadonlyMap<string, number>, limit: number): Words {
    const all = [...counts].filter(([word]) => word !== UNKNOWN);
    const kept = all
      .map(([, count], place) => ({ count, place }))
      .sort((a, b) => b.count - a.count || a.place - b.place);
    const places = new Set(kept.slice(0, limit - 1).map(({ place }) => place));
    const isIn = new Set(all.filter((_, place) => places.has(place)).map(([word]) => word));
    const words = [...counts.keys()].filter((word) => word === UNKNOWN || isIn.has(word));
    return new Words(counts.has(UNKNOWN) ? words : [...words, UNKNOWN]);
  }

  get size(): number {
    return this.words.length;
  }

  readonly lineBreak = END;

  encodeKnown(text: string): number[] {
    return splitWords(text).map((word) => this.idOf(word));
  }

  encode(text: string): number[] {
    return splitWords(text).map((word) => {
      const id = this.#ids.get(word) ?? this.#unknown;
      if (id === undefined) throw this.#missing(word);
      return id;
    });
  }

  token(id: number): string {
    return this.words[id] ?? UNKNOWN;
  }

  /** Words with blanks between; an end of line becomes a full stop and a line break. */
  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.token(id))
      .join(" ")
      .replaceAll(` ${END}`, ".\n")
      .replaceAll(END, ".\n")
      .replaceAll("\n ", "\n");
  }

  idOf(word: string): number {
    const id = this.#ids.get(word);
    if (id === undefined) throw this.#missing(word);
    return id;
  }

  toJSON(): WordsJSON {
    return { type: "words", words: [...this.words] };
  }

  #missing(word: string): DataError {
    const near = nearestFew(word, this.words, 3);
    return new DataError(
      `"${word}": expected one of the ${this.size} words the model knows, got another.`,
      near.length > 0 ? `near it: ${near.join(", ")}` : undefined,
    );
  }
}
