import { Heap } from "./heap.js";
import { BYTES, pairOf, type TokenTable, tokensOf } from "./token-table.js";

/** A distinct word: the tokens it is made of so far, and how often it occurs. */
export interface CountedWord {
  tokens: readonly number[];
  readonly count: number;
}

interface Candidate {
  readonly pair: number;
  readonly count: number;
}

/**
 * Merges the most frequent pair of neighbouring tokens, again and again, until the table has `size` tokens or no pair
 * occurs twice. Of equally frequent pairs the one of the earlier tokens is merged first.
 *
 * A merge looks only at the words that hold its pair. The heap may hold a pair's count of earlier: a pair that has become
 * rarer is put back when it is taken out, one that has become more frequent is added at once.
 * Source: Sennrich, Haddow & Birch 2016.
 */
export function learnMerges(table: TokenTable, words: readonly CountedWord[], size: number): void {
  const pairs = new PairCounts(words);
  while (table.tokens.length < size) {
    const pair = pairs.takeMostFrequent();
    if (pair === undefined) return;
    const merged = table.merge(pair);
    if (merged !== undefined) pairs.merge(pair, merged);
  }
}

class PairCounts {
  readonly #words: readonly CountedWord[];
  readonly #counts = new Map<number, number>();
  /** The words that hold a pair, or held it. */
  readonly #places = new Map<number, number[]>();
  readonly #heap = new Heap<Candidate>((a, b) => a.count > b.count || (a.count === b.count && a.pair < b.pair));

  constructor(words: readonly CountedWord[]) {
    this.#words = words;
    for (const [place, { tokens, count }] of words.entries())
      for (const pair of pairsIn(tokens)) {
        this.#counts.set(pair, (this.#counts.get(pair) ?? 0) + count);
        this.#addPlace(pair, place);
      }
    for (const pair of this.#counts.keys()) this.#offer(pair);
  }

  takeMostFrequent(): number | undefined {
    for (let next = this.#heap.take(); next !== undefined; next = this.#heap.take()) {
      if (next.count === this.#counts.get(next.pair)) return next.pair;
      this.#offer(next.pair);
    }
    return undefined;
  }

  /** Writes `merged` for every occurrence of a pair. */
  merge(pair: number, merged: number): void {
    const changes = new Map<number, number>();
    const change = (tokens: readonly number[], by: number): void => {
      for (const each of pairsIn(tokens)) changes.set(each, (changes.get(each) ?? 0) + by);
    };
    for (const place of this.#places.get(pair) ?? []) {
      const word = this.#words[place];
      const tokens = word && mergeIn(word.tokens, pair, merged);
      if (!tokens || tokens.length === word.tokens.length) continue;
      change(word.tokens, -word.count);
      change(tokens, word.count);
      word.tokens = tokens;
      for (const each of pairsIn(tokens)) if (tokensOf(each).includes(merged)) this.#addPlace(each, place);
    }
    for (const [each, by] of changes) {
      this.#counts.set(each, (this.#counts.get(each) ?? 0) + by);
      if (by > 0) this.#offer(each);
    }
    this.#counts.delete(pair);
    this.#places.delete(pair);
  }

  #offer(pair: number): void {
    const count = this.#counts.get(pair) ?? 0;
    if (count >= 2) this.#heap.add({ pair, count });
  }

  #addPlace(pair: number, place: number): void {
    const places = this.#places.get(pair);
    if (places === undefined) this.#places.set(pair, [place]);
    else if (places.at(-1) !== place) places.push(place);
  }
}

/** The neighbours in a word that can be merged: bytes cannot. */
function* pairsIn(tokens: readonly number[]): Generator<number, void> {
  for (let i = 1; i < tokens.length; i++) {
    const [left, right] = [tokens[i - 1] ?? 0, tokens[i] ?? 0];
    if (left >= BYTES && right >= BYTES) yield pairOf(left, right);
  }
}

/** The tokens of a word with `merged` in the place of every occurrence of a pair, from left to right. */
export function mergeIn(tokens: readonly number[], pair: number, merged: number): number[] {
  const [left, right] = tokensOf(pair);
  const result: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? 0;
    const isPair = token === left && tokens[i + 1] === right;
    result.push(isPair ? merged : token);
    if (isPair) i++;
  }
  return result;
}
