import { type Prefix, repeating, stepsOf } from "./prefix.js";

const NEVER = Number.NEGATIVE_INFINITY;

/** What an answer may be made of. */
export interface RuleOptions {
  /** The token that ends an answer; without one every answer has maxLength tokens. */
  readonly end: number | undefined;
  /** Tokens that are never written. */
  readonly suppress: readonly number[];
  readonly noRepeatNgram?: number | undefined;
  readonly minLength: number;
  readonly maxLength: number;
}

/** Takes away from a row of logits, with −∞, what may not follow a prefix. */
export function applyRules(row: Float32Array, prefix: Prefix, rules: RuleOptions): void {
  const { end, suppress, noRepeatNgram, minLength, maxLength } = rules;
  const { length, place } = prefix;
  const mayEnd = length >= minLength && (place?.complete ?? true);
  const endLogit = end !== undefined && mayEnd ? (row[end] ?? NEVER) : NEVER;
  if (length === maxLength) row.fill(NEVER);
  else {
    if (place) keepOnly(row, place.allowed);
    for (const id of suppress) row[id] = NEVER;
    if (noRepeatNgram !== undefined) {
      const ids = stepsOf(prefix).map(({ id }) => id);
      for (const id of repeating(ids, noRepeatNgram)) row[id] = NEVER;
    }
  }
  if (end !== undefined) row[end] = endLogit;
}

function keepOnly(row: Float32Array, lists: readonly Int32Array[]): void {
  const logits = row.slice();
  row.fill(NEVER);
  for (const ids of lists) for (const id of ids) row[id] = logits[id] ?? NEVER;
}
