import * as z from "zod/mini";
import { Characters, CharactersJSON } from "./characters.js";
import { Words, WordsJSON } from "./words.js";

/** From text to the ids of its tokens and back. */
export interface Tokenizer {
  readonly size: number;
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
  toJSON(): z.infer<typeof TokenizerJSON>;
}

/** What stands in the model file. */
export const TokenizerJSON = z.discriminatedUnion("type", [CharactersJSON, WordsJSON]);

/** The tokenizer that a model file describes. */
export function tokenizerFromJSON(json: z.infer<typeof TokenizerJSON>): Tokenizer {
  return json.type === "words" ? new Words(json.words) : new Characters(json.characters);
}
