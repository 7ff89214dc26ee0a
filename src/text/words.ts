import * as z from "zod/mini";
import { DataError, nearestFew, quote } from "../engine/errors.js";
import { countTokens, MOST_TOKENS, UNKNOWN, withUnknown } from "./vocabulary.js";

/** Options for splitting a text into words; the defaults are those of language models. */
export interface WordsOptions {
  /** True to lowercase texts. @default false */
  readonly lowercase?: boolean | undefined;
  /** "keep": part of the word it touches; "split": tokens of its own. @default "keep" */
  readonly punctuation?: "keep" | "split" | undefined;
  /** True if a line break is the token `<eos>`; false if it is white space. @default true */
  readonly lines?: boolean | undefined;
}

/** A vocabulary of words in the model file. */
export const WordsJSON = z.object({
  type: z.literal("words"),
  words: z.array(z.string()).check(
    z.maxLength(MOST_TOKENS),
    z.refine((list) => new Set(list).size === list.length),
  ),
  lowercase: z.optional(z.boolean()),
  punctuation: z.optional(z.enum(["keep", "split"])),
  lines: z.optional(z.boolean()),
});
export type WordsJSON = z.infer<typeof WordsJSON>;

/** The token at the end of every line. */
export const END = "<eos>";

/**
 * A word, or one punctuation mark. A word keeps an apostrophe, a hyphen or a full stop within it (don't, well-known,
 * 3.14), a number a comma, a colon or a slash too (1,000).
 */
const PARTS = /[^\s\p{P}]+(?:(?:['’.\-_@]|(?<=\p{N})[,:/](?=\p{N}))[^\s\p{P}]+)*|\p{P}/gu;

/** The words of a text: what blanks separate, and `<eos>` for each line break. */
export function splitWords(text: string): string[] {
  return cut(text, {});
}

function cut(text: string, { lowercase = false, punctuation = "keep", lines = true }: WordsOptions): string[] {
  const cased = lowercase ? text.toLowerCase() : text;
  const marked = lines ? cased.replaceAll("\n", ` ${END} `) : cased;
  return punctuation === "split" ? (marked.match(PARTS) ?? []) : marked.split(/\s+/u).filter((word) => word !== "");
}

/** A vocabulary of words; a word's id is its place in the list. A word outside it is read as `<unk>`. */
export class Words {
  readonly options: WordsOptions;
  readonly #ids: ReadonlyMap<string, number>;
  readonly unknown: number | undefined;

  constructor(
    readonly words: readonly string[],
    options: WordsOptions = {},
  ) {
    this.options = options;
    this.#ids = new Map(words.map((word, id) => [word, id]));
    this.unknown = this.#ids.get(UNKNOWN);
  }

  /**
   * The `limit` most frequent words, in the order in which they first appear; `<unk>` is always among them.
   * @param counts how often each word occurs, in order of first appearance
   */
  static of(counts: ReadonlyMap<string, number>, limit: number): Words {
    return new Words(withUnknown(counts, limit));
  }

  /** The `size` most frequent words of some texts, with `<unk>` always among them. */
  static train(texts: Iterable<string>, { size, ...options }: WordsOptions & { size: number }): Words {
    return new Words(
      withUnknown(
        countTokens(texts, (text) => cut(text, options)),
        size,
      ),
      options,
    );
  }

  static fromJSON({ words, lowercase, punctuation, lines }: WordsJSON): Words {
    return new Words(words, { lowercase, punctuation, lines });
  }

  get size(): number {
    return this.words.length;
  }

  /** `<eos>`; where a line break is white space it is not in the vocabulary. */
  readonly lineBreak = END;

  encodeKnown(text: string): number[] {
    return cut(text, this.options).map((word) => this.idOf(word));
  }

  encode(text: string): number[] {
    return cut(text, this.options).map((word) => {
      const id = this.#ids.get(word) ?? this.unknown;
      if (id === undefined) throw this.#missing(word);
      return id;
    });
  }

  token(id: number): string {
    return this.words[id] ?? UNKNOWN;
  }

  /** Words with blanks between, none beside split punctuation; an end of line becomes a full stop and a line break. */
  decode(ids: Iterable<number>): string {
    const words = Array.from(ids, (id) => this.token(id));
    const text = this.options.punctuation === "split" ? joinWords(words) : words.join(" ");
    if (this.options.lines === false) return text;
    return text.replaceAll(` ${END}`, ".\n").replaceAll(END, ".\n").replaceAll("\n ", "\n");
  }

  idOf(word: string): number {
    const id = this.#ids.get(word);
    if (id === undefined) throw this.#missing(word);
    return id;
  }

  toJSON(): WordsJSON {
    return { type: "words", words: [...this.words], ...this.options };
  }

  #missing(word: string): DataError {
    const near = nearestFew(word, this.words, 3);
    return new DataError(
      `${quote(word)}: expected one of the ${this.size} words the model knows, got another.`,
      near.length > 0 ? `near it: ${near.join(", ")}` : undefined,
    );
  }
}

/** Marks that follow a word without a blank, and those that a word follows without one. */
const CLOSING = /^[\p{Pe}\p{Pf},.!?;:%…、。，．！？；：،؛؟।॥]$/u;
const OPENING = /^[\p{Ps}\p{Pi}¿¡]$/u;
/** Double quotes close what they opened: which is which differs from language to language („Hallo“, “hello”, ”hej”). */
const QUOTE = /^["“”„]$/u;

/** Words with blanks between them, but for where punctuation belongs to a word. */
export function joinWords(words: readonly string[]): string {
  let isQuoted = false;
  let isOpen = true; // nothing stands before the first word
  const parts: string[] = [];
  for (const word of words) {
    const isQuote = QUOTE.test(word);
    if (isQuote) isQuoted = !isQuoted;
    const closes = isQuote ? !isQuoted : CLOSING.test(word);
    parts.push(isOpen || closes ? word : ` ${word}`);
    isOpen = isQuote ? isQuoted : OPENING.test(word);
  }
  return parts.join("");
}
