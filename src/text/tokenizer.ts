import * as z from "zod/mini";
import { DataError } from "../errors.js";
import { Characters, CharactersJSON } from "./characters.js";
import { Words, WordsJSON } from "./words.js";

/** From text to the ids of its tokens and back. */
export interface Tokenizer {
  readonly size: number;
  /** @throws DataError for a token that is not in the vocabulary and has no stand-in */
  encode(text: string): number[];
  /** The text of one token. */
  token(id: number): string;
  /** A text made of tokens, as a reader wants it. */
  decode(ids: Iterable<number>): string;
  /** The id of a token. @throws DataError with the nearest tokens where there is none */
  idOf(token: string): number;
  toJSON(): z.infer<typeof TokenizerJSON>;
}

const TokenizerJSON = z.discriminatedUnion("type", [CharactersJSON, WordsJSON]);

/** The tokenizer that a model file describes. @throws DataError where the JSON is of another form */
export function tokenizerFromJSON(json: unknown): Tokenizer {
  const parsed = z.safeParse(TokenizerJSON, json);
  if (!parsed.success) throw new DataError(`Tokenizer: ${z.prettifyError(parsed.error)}`);
  return parsed.data.type === "words" ? new Words(parsed.data.words) : new Characters(parsed.data.characters);
}
