import * as z from "zod/mini";
import { FixedPairs, FixedPairsJSON } from "./fixed-pairs.js";
import { MarkedPairs, MarkedPairsJSON } from "./marked-pairs.js";
import type { Tokenizer } from "./tokenizer.js";

/** From pairs of text to pairs of ids and back. */
export interface PairTokenizer {
  /** Size of the source's vocabulary. */
  readonly sourceSize: number;
  /** Size of the target's vocabulary. */
  readonly targetSize: number;
  /** What targets are cut by; where a mark ends an answer, it has none. */
  readonly target: Tokenizer;
  /** The target token that stands before the first. */
  readonly start: number;
  /** The target token that ends an answer; undefined: every answer has `longest.target` tokens. */
  readonly end: number | undefined;
  /** Tokens of the longest source and of the longest target that training saw, the start token not counted. */
  readonly longest: { readonly source: number; readonly target: number };
  /** Whether a source has several lines: where texts follow one another, a blank line then parts them. */
  readonly hasLines: boolean;
  /** At least one id. @throws DataError for a text that the model cannot read */
  encodeSource(text: string): number[];
  /** Begins with the start token, which need not stand in the text; then at least one id. */
  encodeTarget(text: string): number[];
  /** The text of a question. */
  decodeSource(ids: Iterable<number>): string;
  /** The text of an answer. */
  decodeTarget(ids: Iterable<number>): string;
  /** The ids of an answer without the mark that ends them, or the blanks that fill them. */
  withoutFill(ids: Iterable<number>): number[];
  /** The text of each token. */
  sourceTokens(ids: Iterable<number>): string[];
  targetTokens(ids: Iterable<number>): string[];
  toJSON(): PairTokenizerJSON;
}

/** What stands in the model file. */
export const PairTokenizerJSON = z.discriminatedUnion("type", [MarkedPairsJSON, FixedPairsJSON]);
export type PairTokenizerJSON = z.infer<typeof PairTokenizerJSON>;

/** The tokenizer that a model file describes. */
export function pairTokenizerFromJSON(json: PairTokenizerJSON): PairTokenizer {
  return json.type === "marked" ? MarkedPairs.fromJSON(json) : FixedPairs.fromJSON(json);
}
