import * as z from "zod/mini";
import { BytePair, BytePairJSON } from "./byte-pair.js";
import { Characters, CharactersJSON } from "./characters.js";
import { HuggingFace, HuggingFaceJSON } from "./hugging-face.js";
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
