import * as z from "zod/mini";
import { LongestJSON, MARK, MarkedTargets, without } from "../../text/targets.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../../text/tokenizer.js";
import type { PairTokenizer } from "./pair-tokenizer.js";

/** What stands in the model file; without a target both sides share one vocabulary. */
export const MarkedPairsJSON = z.object({
  type: z.literal("marked"),
  source: TokenizerJSON,
  target: z.nullable(TokenizerJSON),
  longest: LongestJSON,
  hasLines: z.optional(z.literal(true)),
});
export type MarkedPairsJSON = z.infer<typeof MarkedPairsJSON>;

/** Pairs of texts of any length. Sources end with a mark too. Source and target may share one vocabulary. */
export class MarkedPairs extends MarkedTargets implements PairTokenizer {
  readonly sourceSize: number;

  /**
   * @param longest in tokens, the mark at the end among them
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

  static fromJSON(json: MarkedPairsJSON): MarkedPairs {
    const source = tokenizerFromJSON(json.source);
    return new MarkedPairs(source, json.target ? tokenizerFromJSON(json.target) : source, json.longest, json.hasLines);
  }

  encodeSource(text: string): number[] {
    const source = this.hasLines ? text.replaceAll("\r\n", "\n").trimEnd() : text;
    return [...this.source.encode(source), this.source.size];
  }

  decodeSource(ids: Iterable<number>): string {
    return this.source.decode(without(ids, this.source.size));
  }

  sourceTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.source.size ? MARK : this.source.token(id)));
  }

  toJSON(): MarkedPairsJSON {
    const { source, target, longest, hasLines } = this;
    const sides = { source: source.toJSON(), target: source === target ? null : target.toJSON() };
    return { type: "marked", ...sides, longest, ...(hasLines && { hasLines }) };
  }
}
