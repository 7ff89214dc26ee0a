import { DataError } from "../engine/errors.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { isSeparator, Spelling, tokenTexts } from "./spelling.js";

/** Where a text of listed words stands after some tokens. */
export interface Place {
  /** Ids of the tokens that may come next, in lists that may overlap. */
  readonly allowed: readonly Int32Array[];
  /** The text may end here: after a whole word, or where none has begun. */
  readonly complete: boolean;
  after(id: number): Place;
}

/** All tokens whose texts begin alike. */
interface Tokens {
  readonly ids: number[];
  readonly next: Map<string, Tokens>;
}

type Parts = ReadonlySet<string>;
type Step = (parts: Parts, character: string) => Parts;

/** The part that stands for every word that no token makes longer: a character that no token's text has. */
const WHOLE = "\uFFFD";

/**
 * Words that a text may consist of, whatever its tokens are: characters, words or pieces of words. Between two words
 * stands at least one character other than a letter, a digit or a mark.
 *
 * A place is the set of beginnings of words in which the text may end. Only those that tokens can complete are let in,
 * so that no text comes to where nothing may follow.
 */
export class WordList {
  /** Where a text begins. */
  readonly start: Place;
  /** Listed words that the tokens cannot spell. */
  readonly missing: readonly string[];
  readonly #texts: readonly string[];
  readonly #tokens: Tokens = { ids: [], next: new Map() };
  readonly #words = new Set(["", WHOLE]);
  /** Beginnings of words. */
  readonly #beginnings = new Set<string>();
  /** Those that tokens can complete. */
  readonly #open = new Set<string>();
  readonly #places = new Map<string, Place>();
  readonly #between: Int32Array;

  /** @throws DataError where the tokens can spell none of the words */
  constructor(words: Iterable<string>, tokenizer: Pick<Tokenizer, "size" | "decode">) {
    this.#texts = tokenTexts(tokenizer);
    for (const [id, text] of this.#texts.entries()) this.#addToken(id, text);
    const listed = new Set(Array.from(words, (word) => word.trim()).filter((word) => word !== ""));
    const spelling = new Spelling(this.#texts);
    this.missing = [...listed].filter((word) => !this.#addWord(word, spelling));
    if (this.#words.size === 2)
      throw new DataError(
        `WordList: expected at least one word that the model can write, got none among ${listed.size}.`,
        "a word is to be written as in the texts that the model has seen",
      );
    this.#between = this.#tokensAfter(new Set([WHOLE]), (parts, character) => this.#step(parts, character));
    this.start = this.#place(new Set([""]));
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
      const beginning = characters.slice(0, i).join("");
      this.#beginnings.add(beginning);
      if (open[i]) this.#open.add(beginning);
    }
    return true;
  }

  #place(parts: Parts): Place {
    const key = JSON.stringify([...parts]);
    const known = this.#places.get(key);
    if (known) return known;
    const complete = [...parts].some((part) => this.#words.has(part));
    const within = this.#tokensAfter(parts, (before, character) => this.#grow(before, character));
    const place = {
      allowed: complete ? [within, this.#between] : [within],
      complete,
      after: (id: number) => this.#place(this.#settle(this.#read(parts, this.#texts[id] ?? ""))),
    };
    this.#places.set(key, place);
    return place;
  }

  #read(parts: Parts, text: string): Parts {
    for (const character of text) parts = this.#step(parts, character);
    return parts;
  }

  /** The tokens that may follow; their first characters as `step` takes them. */
  #tokensAfter(parts: Parts, step: Step): Int32Array {
    const found: number[] = [];
    this.#collect(this.#tokens, parts, found, step);
    return Int32Array.from(found);
  }

  #collect(tokens: Tokens, parts: Parts, found: number[], step: Step): void {
    for (const [character, next] of tokens.next) {
      const after = step(parts, character);
      if (after.size === 0) continue;
      if (next.ids.length > 0 && this.#settle(after).size > 0) found.push(...next.ids);
      this.#collect(next, after, found, (before, following) => this.#step(before, following));
    }
  }

  #step(parts: Parts, character: string): Parts {
    const after = new Set(this.#grow(parts, character));
    if (isSeparator(character) && [...parts].some((part) => this.#words.has(part))) after.add("");
    return after;
  }

  /** The parts that `character` makes longer. */
  #grow(parts: Parts, character: string): Parts {
    const longer = Array.from(parts, (part) => part + character);
    return new Set(longer.filter((part) => this.#beginnings.has(part) || this.#words.has(part)));
  }

  /** What remains of the parts where a token ends. */
  #settle(parts: Parts): Parts {
    const settled = new Set<string>();
    for (const part of parts)
      if (part === "" || this.#open.has(part)) settled.add(part);
      else if (this.#words.has(part)) settled.add(WHOLE);
    return settled;
  }
}
