import * as z from "zod/mini";
import type { Tokenizer } from "./tokenizer.js";

/** A number of steps or tokens as it stands in the model file. */
export const LengthJSON = z.int().check(z.minimum(1), z.maximum(1_000_000));
/** `longest` as it stands in the model file. */
export const LongestJSON = z.object({ source: LengthJSON, target: LengthJSON });

/** From answers to ids and back, and what there is to say of the questions, whatever they are. */
export interface Targets {
  /** Size of the target's vocabulary. */
  readonly targetSize: number;
  /** What targets are cut by; where the end of sequence (EOS) ends an answer, it has none. */
  readonly target: Tokenizer;
  /** The target token that stands before the first. */
  readonly start: number;
  /** The target token that ends an answer; undefined: every answer has `longest.target` tokens. */
  readonly end: number | undefined;
  /** Steps of the longest source and tokens of the longest target that training saw, the start token not counted. */
  readonly longest: { readonly source: number; readonly target: number };
  /** Steps of the shortest source that training saw, where the model reads time step by step. @default 1 */
  readonly shortest?: number;
  /** Whether a question has several lines: where questions follow one another, a blank line then parts them. @default false */
  readonly hasLines?: boolean;
  /** Begins with the start token, which need not stand in the text; then at least one id. */
  encodeTarget(text: string): number[];
  /** The text of an answer. */
  decodeTarget(ids: Iterable<number>): string;
  /** The ids of an answer without the end of sequence, or the blanks that fill them. */
  withoutFill(ids: Iterable<number>): number[];
  /** The text of each token. */
  targetTokens(ids: Iterable<number>): string[];
  /** A question in words, by the numbers of its row: its text, where it is one. */
  decodeSource(row: Iterable<number>): string;
  /** What each of the S positions that attention looks at is called. */
  sourceTokens(row: Iterable<number>, S?: number): string[];
}

/** How the end of sequence is shown. */
export const EOS = "⏎";

/**
 * Targets of any length. The vocabulary has one token more, EOS: it ends a target, and stands before its first token
 * too.
 */
export abstract class EosTargets implements Targets {
  readonly start: number;
  readonly end: number;
  readonly targetSize: number;

  /** @param longest in steps and in tokens, the end of sequence among them */
  constructor(
    readonly target: Tokenizer,
    readonly longest: { readonly source: number; readonly target: number },
  ) {
    this.start = target.size;
    this.end = target.size;
    this.targetSize = target.size + 1;
  }

  encodeTarget(text: string): number[] {
    return [this.start, ...this.target.encode(text), this.end];
  }

  decodeTarget(ids: Iterable<number>): string {
    return this.target.decode(this.withoutFill(ids));
  }

  withoutFill(ids: Iterable<number>): number[] {
    return without(ids, this.end);
  }

  targetTokens(ids: Iterable<number>): string[] {
    return Array.from(ids, (id) => (id === this.end ? EOS : this.target.token(id)));
  }

  abstract decodeSource(row: Iterable<number>): string;
  abstract sourceTokens(row: Iterable<number>, S?: number): string[];
}

/** All ids but the end of sequence. */
export function without(ids: Iterable<number>, eos: number): number[] {
  return [...ids].filter((id) => id !== eos);
}
