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
  /** The id of the unknown token, or undefined if the vocabulary has none. */
  readonly unknown: number | undefined;
  /** @throws DataError for a token outside a vocabulary without an unknown token */
  encode(text: string): number[];
  /** Like `encode`, but without the unknown token. @throws DataError with the nearest tokens */
  encodeKnown(text: string): number[];
  /** The token that ends a line. */
  readonly lineBreak: string;
  /** The text of one token. */
  token(id: number): string;
  /** Converts ids to readable text. */
  decode(ids: Iterable<number>): string;
  /** The id of a token. @throws DataError with the nearest tokens if it is not in the vocabulary */
  idOf(token: string): number;
  toJSON(): TokenizerJSON;
}

/** A tokenizer in the model file. */
export const TokenizerJSON = z.discriminatedUnion("type", [CharactersJSON, WordsJSON, BytePairJSON, HuggingFaceJSON]);
export type TokenizerJSON = z.infer<typeof TokenizerJSON>;

/**
 * The tokenizer that a model file describes.
 * @throws DataError if the package @huggingface/tokenizers is needed and missing: see `provideHuggingFace`
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

/** Options of `trainTokenizer`. */
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
  /** Unicode code points; unknown ones become `<unk>`. */
  characters: (texts, { size = MOST_TOKENS, lowercase }) => Characters.train(texts, { size, lowercase }),
  /** Grapheme clusters: an accented letter, a flag or a family of emoji is one token. */
  graphemes: (texts, { size = MOST_TOKENS, lowercase }) =>
    Characters.train(texts, { size, lowercase, unit: "graphemes" }),
  /** Words, with line breaks as white space; unknown words become `<unk>`. */
  words: (texts, { size = 10_000, lowercase, punctuation }) =>
    Words.train(texts, { size, lowercase, punctuation, lines: false }),
  /** Byte-pair encoding: frequent words and subwords; no text is unknown. */
  bpe: (texts, { size = 8000, lowercase }) => BytePair.train(texts, { size, lowercase }),
} as const satisfies Record<string, Train>;

/** The kinds of tokenizer that can be trained on texts. */
export type TokenizerKind = keyof typeof trainers;
export const tokenizerKinds = keysOf(trainers);

/**
 * Trains a tokenizer on texts, in one pass. At most two million distinct words are kept in memory.
 * @throws OptionError if an option is out of range
 */
export function trainTokenizer(
  kind: TokenizerKind,
  texts: Iterable<string>,
  options: z.input<typeof TokenizerOptions> = {},
): Tokenizer {
  return trainers[kind](texts, checkOptions("trainTokenizer", TokenizerOptions, options));
}
