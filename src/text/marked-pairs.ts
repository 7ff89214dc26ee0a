import * as z from "zod/mini";
import type { PairTokenizer } from "./pair-tokenizer.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "./tokenizer.js";

const length = z.int().check(z.minimum(1), z.maximum(1_000_000));

/** What stands in the model file; without a target both sides share one vocabulary. */
export const MarkedPairsJSON = z.object({
  type: z.literal("marked"),
  source: TokenizerJSON,
  target: z.nullable(TokenizerJSON),
  longest: z.object({ source: length, target: length }),
  hasLines: z.optional(z.literal(true)),
});
export type MarkedPairsJSON = z.infer<typeof MarkedPairsJSON>;

/** How the mark is shown. */
const MARK = "⏎";

/**
 * Pairs of texts of any length. Each vocabulary has one token more, the mark: it ends a source and a target, and stands
 * before a target's first token too. Source and target may share one vocabulary.
 */
export class MarkedPairs implements PairTokenizer {
  readonly start: number;
  readonly end: number;
  readonly sourceSize: number;
  readonly targetSize: number;

  /**
   * @param longest in tokens, the mark at the end among them
   * @param hasLines whether a source has several lines, like a program; blanks and breaks at its end are then left out
   */
  constructor(
    readonly source: Tokenizer,
    readonly target: Tokenizer,
    readonly longest: { readonly source: number; readonly target: number },
    readonly hasLines = false,
  ) {
    this.start = target.size;
    this.end = target.size;
    this.sourceSize = source.size + 1;
    this.targetSize = target.size + 1;
  }

  static fromJSON(json: MarkedPairsJSON): MarkedPairs {
    const source = tokenizerFromJSON(json.source);
    return new MarkedPairs(source, json.target ? tokenizerFromJSON(json.target) : source, json.longest, json.hasLines);
  }

  encodeSource(text: string): number[] {
    const source = this.hasLines ? text.replaceAll("\r\n", "\n").trimEnd() : text;
    return [...this.source.encode(source), this.source.size];
  }

  encodeTarget(text: string): number[] {
    return [this.start, ...this.target.encode(text), this.end];
  }

  decodeSource(ids: Iterable<number>): string {
    return this.source.decode(without(ids, this.source.size));
  }

  decodeTarget(ids: Iterable<number>): string {
    return this.target.decode(this.withoutFill(ids));
  }

  withoutFill(ids: Iterable<number>): number[] {
    return without(ids, this.end);
  }

  sourceTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.source.size ? MARK : this.source.token(id)));
  }

  targetTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.end ? MARK : this.target.token(id)));
  }

  toJSON(): MarkedPairsJSON {
    const { source, target, longest, hasLines } = this;
    const sides = { source: source.toJSON(), target: source === target ? null : target.toJSON() };
    return { type: "marked", ...sides, longest, ...(hasLines && { hasLines }) };
  }
}

function without(ids: Iterable<number>, mark: number): number[] {
  return [...ids].filter((id) => id !== mark);
}
