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
