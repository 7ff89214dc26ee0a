import { MOST_TOKENS } from "./vocabulary.js";

/** The ids below it are bytes. */
export const BYTES = 256;

/** UTF-16 units of the longest token: in a damaged file, merges that double and double again would fill the memory. */
const LONGEST_TOKEN = 130;

/** Ids are below 2^21, so two of them fit into one exact number. */
const SHIFT = 2 ** 21;

/** Two neighbouring tokens as one number, the first one counting more. */
export function pairOf(left: number, right: number): number {
  return left * SHIFT + right;
}

/** The two tokens of a pair. */
export function tokensOf(pair: number): [left: number, right: number] {
  return [Math.floor(pair / SHIFT), pair % SHIFT];
}

/**
 * The tokens of a byte-pair encoding by id: 256 bytes, the characters, and what is merged of two earlier ones. A byte
 * is written `<0xE2>` and is part of no merge.
 */
export class TokenTable {
  readonly tokens: string[];
  /** The pairs that are merged, in the order in which they were learned. */
  readonly merges: number[] = [];
  readonly #ids: Map<string, number>;
  readonly #ranks = new Map<number, number>();
  readonly #merged: number[] = [];

  constructor(characters: Iterable<string>) {
    this.tokens = [...Array.from({ length: BYTES }, (_, byte) => nameOf(byte)), ...characters];
    this.#ids = new Map(this.tokens.map((token, id) => [token, id]));
  }

  idOf(token: string): number | undefined {
    return this.#ids.get(token);
  }

  /** The place of a pair among the merges. */
  rankOf(pair: number): number | undefined {
    return this.#ranks.get(pair);
  }

  /** The token that the merge of this rank makes. */
  mergedOf(rank: number): number {
    return this.#merged[rank] ?? 0;
  }

  /**
   * Adds a merge, and its token where no earlier merge makes the same.
   * @returns the token's id, or undefined where there can be no such merge
   */
  merge(pair: number): number | undefined {
    const [left, right] = tokensOf(pair);
    const [first, second] = [this.tokens[left], this.tokens[right]];
    if (left < BYTES || right < BYTES || first === undefined || second === undefined) return undefined;
    if (first.length + second.length > LONGEST_TOKEN || this.#ranks.has(pair)) return undefined;
    const token = first + second;
    const id = this.#ids.get(token) ?? this.tokens.length;
    if (id < BYTES || id >= MOST_TOKENS) return undefined;
    if (id === this.tokens.length) this.tokens.push(token);
    this.#ids.set(token, id);
    this.#ranks.set(pair, this.merges.length);
    this.#merged.push(id);
    this.merges.push(pair);
    return id;
  }
}

function nameOf(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

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

/** A heap: what comes first is at hand, adding and taking cost log n. */
export class Heap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (a: T, b: T) => boolean;

  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore;
  }

  add(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || !this.#isBefore(item, above)) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  /** Takes out what comes first. */
  take(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return first;
  }

  #sink(item: T): void {
    let at = 0;
    for (;;) {
      const child = this.#firstChild(at);
      const below = this.#items[child];
      if (below === undefined || !this.#isBefore(below, item)) break;
      this.#items[at] = below;
      at = child;
    }
    this.#items[at] = item;
  }

  #firstChild(at: number): number {
    const [left, right] = [this.#items[2 * at + 1], this.#items[2 * at + 2]];
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}
