import type { TextPair } from "./pair-formats.js";
import { hashText, type PairPart, type PairShares, partAt } from "./pair-split.js";

/** What is remembered of each pair of a file after it has passed: 12 bytes. */
export class PairScan {
  readonly #places = new WordList();
  readonly #hashes = new WordList();

  /** @param place where the pair stands in the split */
  add({ source, target }: TextPair, place: number): void {
    const [a, b] = hashText(`${source}\0${target}`);
    this.#places.push(place);
    this.#hashes.push(a);
    this.#hashes.push(b);
  }

  /** Pairs. */
  get count(): number {
    return this.#places.words.length;
  }

  /** How many pairs had occurred before. Exact but for equal hashes, one chance in 2⁶⁴ for two pairs. */
  countDuplicates(): number {
    const words = this.#hashes.words.slice();
    new BigUint64Array(words.buffer).sort();
    let count = 0;
    for (let i = 2; i < words.length; i += 2) if (words[i] === words[i - 2] && words[i + 1] === words[i - 1]) count++;
    return count;
  }

  /** The shares nearest to those wanted that leave the test and training a place each, if there are two places. */
  fit(wanted: PairShares): PairShares {
    let [first, last] = [2 ** 32, 0];
    for (const place of this.#places.words) [first, last] = [Math.min(first, place), Math.max(last, place)];
    // in whole places, so that their sums are exact
    const [test, valid] = [Math.round(wanted.test * 2 ** 32), Math.round(wanted.valid * 2 ** 32)];
    const held = test === 0 ? 0 : Math.min(last, Math.max(test, first + 1));
    return { test: held / 2 ** 32, valid: Math.min(valid, last - held) / 2 ** 32 };
  }

  /** How many pairs each part has. */
  countParts(shares: PairShares): Record<PairPart, number> {
    const counts = { train: 0, valid: 0, test: 0 };
    for (const place of this.#places.words) counts[partAt(place, shares)]++;
    return counts;
  }
}

/** A list of 32-bit words that grows. */
class WordList {
  #all = new Uint32Array(1024);
  #length = 0;

  get words(): Uint32Array<ArrayBuffer> {
    return this.#all.subarray(0, this.#length);
  }

  push(word: number): void {
    if (this.#length === this.#all.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#all);
      this.#all = longer;
    }
    this.#all[this.#length++] = word;
  }
}
