import * as z from "zod/mini";
import { EOS, EosTargets, LongestJSON, without } from "../../text/targets.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import type { PairTokenizer } from "./pair-tokenizer.js";

/** What stands in the model file; without a target both sides share one vocabulary. */
export const EosPairsJSON = z.object({
  type: z.literal("eos"),
  source: TokenizerJSON,
  target: z.nullable(TokenizerJSON),
  longest: LongestJSON,
  hasLines: z.optional(z.literal(true)),
});
export type EosPairsJSON = z.infer<typeof EosPairsJSON>;

/** Pairs of texts of any length. Sources end with an end of sequence too. Source and target may share one vocabulary. */
export class EosPairs extends EosTargets implements PairTokenizer {
  readonly sourceSize: number;

  /**
   * @param longest in tokens, the end of sequence among them
   * @param hasLines whether a source has several lines, like a program; blanks and breaks at its end are then left out
   */
  constructor(
    readonly source: Tokenizer,
    target: Tokenizer,
    longest: { readonly source: number; readonly target: number },
    readonly hasLines = false,
  ) {
    super(target, longest);
    this.sourceSize = source.size + 1;
  }

  static fromJSON(json: EosPairsJSON): EosPairs {
    const source = tokenizerFromJSON(json.source);
    return new EosPairs(source, json.target ? tokenizerFromJSON(json.target) : source, json.longest, json.hasLines);
  }

  encodeSource(text: string): number[] {
    const source = this.hasLines ? text.replaceAll("\r\n", "\n").trimEnd() : text;
    return [...this.source.encode(source), this.source.size];
  }

  decodeSource(ids: Iterable<number>): string {
    return this.source.decode(without(ids, this.source.size));
  }

  sourceTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.source.size ? EOS : this.source.token(id)));
  }

  toJSON(): EosPairsJSON {
    const { source, target, longest, hasLines } = this;
    const sides = { source: source.toJSON(), target: source === target ? null : target.toJSON() };
    return { type: "eos", ...sides, longest, ...(hasLines && { hasLines }) };
  }
}
