import * as z from "zod/mini";
import type { Targets } from "../../text/targets.js";
import { FixedPairs, FixedPairsJSON } from "./fixed-pairs.js";
import { EosPairs, EosPairsJSON } from "./marked-pairs.js";

/** From pairs of text to pairs of ids and back. */
export interface PairTokenizer extends Targets {
  /** Size of the source's vocabulary. */
  readonly sourceSize: number;
  /** At least one id. @throws DataError for a text that the model cannot read */
  encodeSource(text: string): number[];
  toJSON(): PairTokenizerJSON;
}

/** What stands in the model file. */
export const PairTokenizerJSON = z.discriminatedUnion("type", [EosPairsJSON, FixedPairsJSON]);
export type PairTokenizerJSON = z.infer<typeof PairTokenizerJSON>;

/** The tokenizer that a model file describes. */
export function pairTokenizerFromJSON(json: PairTokenizerJSON): PairTokenizer {
  return json.type === "eos" ? EosPairs.fromJSON(json) : FixedPairs.fromJSON(json);
}
