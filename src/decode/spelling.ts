import type { Tokenizer } from "../text/tokenizer.js";

const separator = /[^\p{L}\p{N}\p{M}]/u;
const separatorsBefore = /^[^\p{L}\p{N}\p{M}]+/u;
const separatorsAfter = /[^\p{L}\p{N}\p{M}]+$/u;

/** True for what may stand between two words: no letter, digit or mark. */
export function isSeparator(character: string): boolean {
  return separator.test(character);
}

/** The text of each token as it stands after a word; "" where it has none of its own, as a part of a character. */
export function tokenTexts(tokenizer: Pick<Tokenizer, "size" | "decode">): string[] {
  const ids = Array.from({ length: tokenizer.size }, (_, id) => id);
  const word = ids.find((id) => /^[\p{L}\p{N}]+$/u.test(tokenizer.decode([id]).trim())) ?? 0;
  const before = tokenizer.decode([word]);
  return ids.map((id) => {
    const text = tokenizer.decode([word, id]);
    return text.startsWith(before) && !text.includes("\uFFFD") ? text.slice(before.length) : "";
  });
}

/** Which tokens can stand one after another to spell a word. */
export class Spelling {
  readonly #within: ReadonlySet<string>;
  readonly #first: ReadonlySet<string>;
  readonly #last: ReadonlySet<string>;
  readonly #only: ReadonlySet<string>;
  readonly #longest: number;

  /** @param texts those of the tokens; what separates words may stand before and after */
  constructor(texts: readonly string[]) {
    const starts = texts.flatMap((text) => [text, text.replace(separatorsBefore, "")]);
    const withEnds = (all: readonly string[]) => all.flatMap((text) => [text, text.replace(separatorsAfter, "")]);
    this.#within = new Set(texts);
    this.#first = new Set(starts);
    this.#last = new Set(withEnds(texts));
    this.#only = new Set(withEnds(starts));
    this.#longest = texts.reduce((longest, text) => Math.max(longest, text.length), 0);
  }

  /** For each place in a word: whether tokens can write what comes from there on. */
  openAt(characters: readonly string[]): boolean[] {
    const T = characters.length;
    const open = [...characters.map(() => false), true];
    for (let from = T - 1; from >= 0; from--)
      for (let to = from + 1; to <= Math.min(T, from + this.#longest) && !open[from]; to++)
        open[from] = open[to] === true && this.#pieces(from === 0, to === T).has(characters.slice(from, to).join(""));
    return open;
  }

  #pieces(isFirst: boolean, isLast: boolean): ReadonlySet<string> {
    if (isFirst) return isLast ? this.#only : this.#first;
    return isLast ? this.#last : this.#within;
  }
}
