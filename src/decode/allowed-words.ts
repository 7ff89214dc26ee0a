import { DataError } from "../engine/errors.js";
import type { Tokenizer } from "../text/tokenizer.js";
import type { Constraint, ConstraintState } from "./rules.js";

/** Trie of tokens by the characters of their texts. */
interface TokenTrie {
  readonly ids: number[];
  readonly next: Map<string, TokenTrie>;
}

type Prefixes = ReadonlySet<string>;
type Step = (prefixes: Prefixes, character: string) => Prefixes;

/** Stands for every complete word that no token makes longer: a character that occurs in no token. */
const WHOLE = "\uFFFD";

/**
 * Constrained decoding with a list of words: answers consist of these words only, whether the tokens are characters,
 * words or pieces of words. At least one character other than a letter, a digit or a mark separates two words.
 *
 * A state is the set of word prefixes with which the text may end. It contains only prefixes that tokens can complete, so
 * some token may always follow.
 */
export class AllowedWords implements Constraint {
  /** State before the first token. */
  readonly start: ConstraintState;
  /** Words of the list that the tokens cannot spell. */
  readonly missing: readonly string[];
  readonly #texts: readonly string[];
  readonly #tokens: TokenTrie = { ids: [], next: new Map() };
  readonly #words = new Set(["", WHOLE]);
  /** Prefixes of words. */
  readonly #prefixes = new Set<string>();
  /** Prefixes that tokens can complete. */
  readonly #open = new Set<string>();
  readonly #states = new Map<string, ConstraintState>();
  readonly #between: Int32Array;

  /** @throws DataError if the tokens can spell none of the words */
  constructor(words: Iterable<string>, tokenizer: Pick<Tokenizer, "size" | "decode">) {
    this.#texts = tokenTexts(tokenizer);
    for (const [id, text] of this.#texts.entries()) this.#addToken(id, text);
    const listed = new Set(Array.from(words, (word) => word.trim()).filter((word) => word !== ""));
    const spelling = new Spelling(this.#texts);
    this.missing = [...listed].filter((word) => !this.#addWord(word, spelling));
    if (this.#words.size === 2)
      throw new DataError(
        `AllowedWords: expected at least one word that the model can write, got none among ${listed.size}.`,
        "write words as they occur in the training texts",
      );
    this.#between = this.#tokensAfter(new Set([WHOLE]), (prefixes, character) => this.#step(prefixes, character));
    this.start = this.#state(new Set([""]));
  }

  #addToken(id: number, text: string): void {
    if (text === "") return;
    let tokens = this.#tokens;
    for (const character of text) {
      const next = tokens.next.get(character) ?? { ids: [], next: new Map() };
      tokens.next.set(character, next);
      tokens = next;
    }
    tokens.ids.push(id);
  }

  #addWord(word: string, spelling: Spelling): boolean {
    const characters = [...word];
    const open = spelling.openAt(characters);
    if (!open[0]) return false;
    this.#words.add(word);
    for (let i = 1; i < characters.length; i++) {
      const prefix = characters.slice(0, i).join("");
      this.#prefixes.add(prefix);
      if (open[i]) this.#open.add(prefix);
    }
    return true;
  }

  #state(prefixes: Prefixes): ConstraintState {
    const key = JSON.stringify([...prefixes]);
    const known = this.#states.get(key);
    if (known) return known;
    const complete = [...prefixes].some((prefix) => this.#words.has(prefix));
    const within = this.#tokensAfter(prefixes, (before, character) => this.#grow(before, character));
    const state = {
      allowed: complete ? [within, this.#between] : [within],
      complete,
      after: (id: number) => this.#state(this.#settle(this.#read(prefixes, this.#texts[id] ?? ""))),
    };
    this.#states.set(key, state);
    return state;
  }

  #read(prefixes: Prefixes, text: string): Prefixes {
    for (const character of text) prefixes = this.#step(prefixes, character);
    return prefixes;
  }

  /** Tokens that may follow. @param step reads their first character */
  #tokensAfter(prefixes: Prefixes, step: Step): Int32Array {
    const found: number[] = [];
    this.#collect(this.#tokens, prefixes, found, step);
    return Int32Array.from(found);
  }

  #collect(tokens: TokenTrie, prefixes: Prefixes, found: number[], step: Step): void {
    for (const [character, next] of tokens.next) {
      const after = step(prefixes, character);
      if (after.size === 0) continue;
      if (next.ids.length > 0 && this.#settle(after).size > 0) found.push(...next.ids);
      this.#collect(next, after, found, (before, following) => this.#step(before, following));
    }
  }

  #step(prefixes: Prefixes, character: string): Prefixes {
    const after = new Set(this.#grow(prefixes, character));
    if (isSeparator(character) && [...prefixes].some((prefix) => this.#words.has(prefix))) after.add("");
    return after;
  }

  /** Prefixes that `character` makes longer. */
  #grow(prefixes: Prefixes, character: string): Prefixes {
    const longer = Array.from(prefixes, (prefix) => prefix + character);
    return new Set(longer.filter((prefix) => this.#prefixes.has(prefix) || this.#words.has(prefix)));
  }

  /** Prefixes that remain at the end of a token. */
  #settle(prefixes: Prefixes): Prefixes {
    const settled = new Set<string>();
    for (const prefix of prefixes)
      if (prefix === "" || this.#open.has(prefix)) settled.add(prefix);
      else if (this.#words.has(prefix)) settled.add(WHOLE);
    return settled;
  }
}

const separator = /[^\p{L}\p{N}\p{M}]/u;
const separatorsBefore = /^[^\p{L}\p{N}\p{M}]+/u;
const separatorsAfter = /[^\p{L}\p{N}\p{M}]+$/u;

/** True for a character that separates words: no letter, digit or mark. */
function isSeparator(character: string): boolean {
  return separator.test(character);
}

/** Text of each token after a word; "" if it has none of its own, such as a part of a character. */
function tokenTexts(tokenizer: Pick<Tokenizer, "size" | "decode">): string[] {
  const ids = Array.from({ length: tokenizer.size }, (_, id) => id);
  const word = ids.find((id) => /^[\p{L}\p{N}]+$/u.test(tokenizer.decode([id]).trim())) ?? 0;
  const before = tokenizer.decode([word]);
  return ids.map((id) => {
    const text = tokenizer.decode([word, id]);
    return text.startsWith(before) && !text.includes("\uFFFD") ? text.slice(before.length) : "";
  });
}

/** Tells whether a sequence of tokens can spell a word. */
class Spelling {
  readonly #within: ReadonlySet<string>;
  readonly #first: ReadonlySet<string>;
  readonly #last: ReadonlySet<string>;
  readonly #only: ReadonlySet<string>;
  readonly #longest: number;

  /** @param texts of the tokens; they may begin and end with separators */
  constructor(texts: readonly string[]) {
    const starts = texts.flatMap((text) => [text, text.replace(separatorsBefore, "")]);
    const withEnds = (all: readonly string[]) => all.flatMap((text) => [text, text.replace(separatorsAfter, "")]);
    this.#within = new Set(texts);
    this.#first = new Set(starts);
    this.#last = new Set(withEnds(texts));
    this.#only = new Set(withEnds(starts));
    this.#longest = texts.reduce((longest, text) => Math.max(longest, text.length), 0);
  }

  /** For each position in a word: true if tokens can spell the rest of it. */
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
