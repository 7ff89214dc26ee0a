import { philox } from "../../engine/random.js";

export type PairPart = "train" | "valid" | "test";

/** What of the pairs is held out: shares from 0 to 1. */
export interface PairShares {
  readonly valid: number;
  readonly test: number;
}

/** What is held out where nothing is said: a share, though about so many pairs at most. */
const usual = { valid: { share: 0.05, most: 2500 }, test: { share: 0.1, most: 5000 } };

/** The shares of so many pairs that are held out where nothing is said. */
export function usualShares(count: number): PairShares {
  const share = (part: keyof typeof usual): number => Math.min(usual[part].share, usual[part].most / count);
  return { valid: share("valid"), test: share("test") };
}

/** The part that a source belongs to, wherever it occurs: equal sources are never in two parts. */
export function partOf(source: string, shares: PairShares, seed: number): PairPart {
  return partAt(placeOf(source, seed), shares);
}

/** The part that a place belongs to: the test's places come first, then those for validation. */
export function partAt(place: number, { valid, test }: PairShares): PairPart {
  const at = place / 2 ** 32;
  return at < test ? "test" : at < test + valid ? "valid" : "train";
}

/** A source's place among 2³², all equally likely: Philox of the seed, with the text's hash as its counter. */
export function placeOf(source: string, seed: number): number {
  const [a, b] = hashText(source);
  return philox([a, b, 0, 0], seed, STREAM)[0];
}

/** A row's place, whatever its source. */
export function placeOfRow(row: number, seed: number): number {
  return philox([row, 0, 1, 0], seed, STREAM)[0];
}

const STREAM = 0x5b117;

/** 64 bits of a text's UTF-16 units: FNV-1a, and beside it a like one with another factor and a shift in every step. */
export function hashText(text: string): [number, number] {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return [a >>> 0, b >>> 0];
}

/**
 * Which of the test's sources also occur in training, by their index, so that a score can be given without them.
 * Keeps the test's sources in memory, not training's.
 */
export function findOverlap(train: Iterable<string>, test: Iterable<string>): number[] {
  const indices = new Map<string, number[]>();
  let count = 0;
  for (const source of test) {
    const same = indices.get(source);
    if (same) same.push(count++);
    else indices.set(source, [count++]);
  }
  const found: number[] = [];
  for (const source of train) {
    for (const index of indices.get(source) ?? []) found.push(index);
    indices.delete(source);
  }
  return found.sort((a, b) => a - b);
}
