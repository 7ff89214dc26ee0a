import * as z from "zod/mini";
import { checkOptions, keysOf } from "../engine/check-options.js";
import { BytePair, BytePairJSON } from "./byte-pair.js";
import { Characters, CharactersJSON } from "./characters.js";
import { HuggingFace, HuggingFaceJSON } from "./hugging-face.js";
import { MOST_TOKENS } from "./vocabulary.js";
import { Words, WordsJSON } from "./words.js";

/** From text to the ids of its tokens and back. */
export interface Tokenizer {
  readonly size: number;
  /** What is read for a token that is not in the vocabulary; undefined where nothing is. */
  readonly unknown: number | undefined;
  /** @throws DataError for a token that is not in the vocabulary and has no stand-in */
  encode(text: string): number[];
  /** Like `encode`, but nothing is read as a stand-in. @throws DataError with the nearest tokens */
  encodeKnown(text: string): number[];
  /** The token that ends a line. */
  readonly lineBreak: string;
  /** The text of one token. */
  token(id: number): string;
  /** A text made of tokens, as a reader wants it. */
  decode(ids: Iterable<number>): string;
  /** The id of a token. @throws DataError with the nearest tokens where there is none */
  idOf(token: string): number;
  toJSON(): TokenizerJSON;
}

/** What stands in the model file. */
export const TokenizerJSON = z.discriminatedUnion("type", [CharactersJSON, WordsJSON, BytePairJSON, HuggingFaceJSON]);
export type TokenizerJSON = z.infer<typeof TokenizerJSON>;

/**
 * The tokenizer that a model file describes.
 * @throws DataError where the package @huggingface/tokenizers is needed and missing: see `provideHuggingFace`
 */
export function tokenizerFromJSON(json: TokenizerJSON): Tokenizer {
  switch (json.type) {
    case "words":
      return Words.fromJSON(json);
    case "bpe":
      return BytePair.fromJSON(json);
    case "huggingface":
      return HuggingFace.fromJSON(json);
    default:
      return Characters.fromJSON(json);
  }
}

/** What a tokenizer for pairs of texts can be given. */
export const TokenizerOptions = z.object({
  size: z.optional(
    z
      .int()
      .check(
        z.minimum(2),
        z.maximum(MOST_TOKENS),
        z.describe("different tokens at most (default: 10,000 words, 8,000 for bpe, all characters)"),
      ),
  ),
  lowercase: z._default(z.boolean().check(z.describe("read everything in small letters")), false),
  punctuation: z._default(
    z
      .enum(["keep", "split"])
      .check(z.describe("words: punctuation stays part of the word it touches, or is split off as tokens of its own")),
    "split",
  ),
});
export type TokenizerOptions = z.infer<typeof TokenizerOptions>;

type Train = (texts: Iterable<string>, options: TokenizerOptions) => Tokenizer;

const trainers = {
  /** Unicode code points; those outside the vocabulary are read as `<unk>`. */
  characters: (texts, { size = MOST_TOKENS, lowercase }) => Characters.train(texts, { size, lowercase }),
  /** What a reader takes for one character: an accented letter, a flag, a family of emoji. */
  graphemes: (texts, { size = MOST_TOKENS, lowercase }) =>
    Characters.train(texts, { size, lowercase, unit: "graphemes" }),
  /** Words, a line break being white space; those outside the vocabulary are read as `<unk>`. */
  words: (texts, { size = 10_000, lowercase, punctuation }) =>
    Words.train(texts, { size, lowercase, punctuation, lines: false }),
  /** Frequent words and parts of words; nothing is unknown. */
  bpe: (texts, { size = 8000, lowercase }) => BytePair.train(texts, { size, lowercase }),
} as const satisfies Record<string, Train>;

/** The kinds of tokenizer that are made from texts. */
export type TokenizerKind = keyof typeof trainers;
export const tokenizerKinds = keysOf(trainers);

/**
 * Makes a tokenizer from the texts of a training part, which are gone through once; in memory are no more than two
 * million distinct words of them.
 * @throws OptionError where an option is out of its range
 */
export function trainTokenizer(
  kind: TokenizerKind,
  texts: Iterable<string>,
  options: z.input<typeof TokenizerOptions> = {},
): Tokenizer {
  return trainers[kind](texts, checkOptions("trainTokenizer", TokenizerOptions, options));
}
