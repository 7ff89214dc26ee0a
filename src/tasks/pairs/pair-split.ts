import { philox } from "../../engine/random.js";
import type { Pair, SplitName } from "./pairs.js";

/** The shares of the pairs that are held out, from 0 to 1. */
export interface PairShares {
  readonly valid: number;
  readonly test: number;
}

/** Held out by default: a share, but at most about this many pairs. */
const usual = { valid: { share: 0.05, most: 2500 }, test: { share: 0.1, most: 5000 } };

/** The shares that are held out of `count` pairs by default. */
export function usualShares(count: number): PairShares {
  const share = (split: keyof typeof usual): number => Math.min(usual[split].share, usual[split].most / count);
  return { valid: share("valid"), test: share("test") };
}

/** The set that a source belongs to, wherever it occurs: equal sources are never in two sets. */
export function splitOf(source: string, shares: PairShares, seed: number): SplitName {
  return splitAt(hashSource(source, seed), shares);
}

/** The set that a hash belongs to: the lowest are for the test set, the next for the validation set. */
export function splitAt(hash: number, { valid, test }: PairShares): SplitName {
  const at = hash / 2 ** 32;
  return at < test ? "test" : at < test + valid ? "valid" : "train";
}

/** A number below 2³², all equally likely: Philox with the text's hash as its counter. */
export function hashSource(source: string, seed: number): number {
  const [a, b] = hashText(source);
  return philox([a, b, 0, 0], seed, STREAM)[0];
}

/** The same for a row, whatever its source. */
export function hashRow(row: number, seed: number): number {
  return philox([row, 0, 1, 0], seed, STREAM)[0];
}

const STREAM = 0x5b117;

/** 64 bits of a text's UTF-16 units: FNV-1a, and a variant with another factor and a shift in every step. */
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

/** Hashes of the pairs of a file: 12 bytes for each pair, so that it can be divided without keeping it. */
export class PairScan {
  readonly #splitHashes = new Uint32List();
  readonly #pairHashes = new Uint32List();

  /** @param splitHash as of `hashSource` or `hashRow` */
  add({ source, target }: Pair, splitHash: number): void {
    const [a, b] = hashText(`${source}\0${target}`);
    this.#splitHashes.push(splitHash);
    this.#pairHashes.push(a);
    this.#pairHashes.push(b);
  }

  /** Pairs. */
  get count(): number {
    return this.#splitHashes.values.length;
  }

  /** Pairs that had occurred before. Exact but for equal hashes: one chance in 2⁶⁴ for two pairs. */
  countDuplicates(): number {
    const words = this.#pairHashes.values.slice();
    new BigUint64Array(words.buffer).sort();
    let count = 0;
    for (let i = 2; i < words.length; i += 2) if (words[i] === words[i - 2] && words[i + 1] === words[i - 1]) count++;
    return count;
  }

  /** The nearest shares that leave a source each for the training and the test set, if there are two sources. */
  fit(wanted: PairShares): PairShares {
    let [first, last] = [2 ** 32, 0];
    for (const hash of this.#splitHashes.values) [first, last] = [Math.min(first, hash), Math.max(last, hash)];
    // in whole hashes, so that their sums are exact
    const [test, valid] = [Math.round(wanted.test * 2 ** 32), Math.round(wanted.valid * 2 ** 32)];
    const held = test === 0 ? 0 : Math.min(last, Math.max(test, first + 1));
    return { test: held / 2 ** 32, valid: Math.min(valid, last - held) / 2 ** 32 };
  }

  /** Pairs of each set. */
  countSplits(shares: PairShares): Record<SplitName, number> {
    const counts = { train: 0, valid: 0, test: 0 };
    for (const hash of this.#splitHashes.values) counts[splitAt(hash, shares)]++;
    return counts;
  }
}

/** A growing list of unsigned 32-bit numbers. */
class Uint32List {
  #all = new Uint32Array(1024);
  #length = 0;

  get values(): Uint32Array<ArrayBuffer> {
    return this.#all.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#all.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#all);
      this.#all = longer;
    }
    this.#all[this.#length++] = value;
  }
}

/**
 * Test pairs whose source also occurs in training, by their index, so that a score can leave them out.
 * Keeps the test sources in memory, not those of training.
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
