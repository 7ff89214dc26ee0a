import type { Workspace } from "../engine/backend/arena.js";
import type { Ints, Tensor } from "../engine/tensor.js";

/** Rows of a batch: ids (N, S), or real numbers (N, S, …). */
export interface PackedRows {
  readonly values: Ints | Tensor;
  /** Length of each row in steps, (N); undefined: all rows have S steps. */
  readonly lengths: Ints | undefined;
}

/** Inputs of a model, row by row: sequences of token ids, frames, or pictures. */
export interface Sources {
  /** Number of rows. */
  readonly count: number;
  /** Total number of steps of all rows. */
  readonly steps: number;
  /** Length of row r in steps. */
  length(r: number): number;
  /** Numbers of row r. */
  row(r: number): Int32Array | Float32Array | Uint8Array;
  /** Packs rows into one batch, which is valid until the workspace packs another one under the same name. */
  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): PackedRows;
  /** All arrays that the rows consist of, for hashing. */
  readonly arrays: readonly (Int32Array | Float32Array | Float64Array | Uint8Array)[];
}

/** A batch of pairs. */
export interface PairBatch {
  /** Ids (N, S), frames (N, S, D) or pictures (N, Y, X, C), as the encoder reads them. */
  readonly source: Ints | Tensor;
  /** Ids (N, T + 1); each row begins with the start token. */
  readonly target: Ints;
  /** Length (N) of each row of `source`, at least 1; undefined: all S. The rest is padding with any tokens. */
  readonly sourceLengths?: Ints | undefined;
  /** Length (N) of each row of `target` with the start token, at least 2; undefined: all T + 1. */
  readonly targetLengths?: Ints | undefined;
}

/** Sequences of ids of different lengths in one array: row r is ids[starts[r]] up to, but not including, ids[starts[r + 1]]. */
export class Sequences implements Sources {
  constructor(
    readonly ids: Int32Array,
    readonly starts: Float64Array,
  ) {}

  get count(): number {
    return this.starts.length - 1;
  }

  get steps(): number {
    return this.ids.length;
  }

  get arrays(): readonly [ids: Int32Array, starts: Float64Array] {
    return [this.ids, this.starts];
  }

  row(r: number): Int32Array {
    return this.ids.subarray(this.starts[r], this.starts[r + 1]);
  }

  length(r: number): number {
    return (this.starts[r + 1] ?? 0) - (this.starts[r] ?? 0);
  }

  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): { values: Ints; lengths: Ints | undefined } {
    return packRows(workspace, name, this, rows);
  }
}

/** Builds `Sequences` row by row, in arrays that double as they fill up. */
export class SequenceWriter {
  #ids = new Int32Array(1024);
  #starts = new Float64Array(256);
  #count = 0;
  #end = 0;

  /** Appends a row. */
  add(row: ArrayLike<number>): void {
    const end = this.#end + row.length;
    if (end > this.#ids.length) this.#ids = copyInto(new Int32Array(2 * end), this.#ids);
    if (this.#count + 1 === this.#starts.length)
      this.#starts = copyInto(new Float64Array(2 * this.#starts.length), this.#starts);
    this.#ids.set(row, this.#end);
    this.#end = end;
    this.#starts[++this.#count] = end;
  }

  /** Returns the rows added so far. */
  finish(): Sequences {
    return new Sequences(this.#ids.slice(0, this.#end), this.#starts.slice(0, this.#count + 1));
  }
}

function copyInto<A extends Int32Array | Float64Array>(larger: A, list: A): A {
  larger.set(list);
  return larger;
}

/**
 * Packs rows into one array (N, T), where T is the length of the longest, and their lengths if they differ. Padding
 * repeats the last id of a row, so that it adds no token that does not occur anyway.
 */
export function packRows(
  workspace: Workspace,
  name: string,
  sequences: Sequences,
  rows: ArrayLike<number>,
): { values: Ints; lengths: Ints | undefined } {
  const { T, lengths } = packLengths(workspace, name, sequences, rows);
  const values = workspace.ints(name, [rows.length, T]);
  const into = values.data;
  for (let n = 0; n < rows.length; n++) {
    const row = sequences.row(rows[n] ?? 0);
    into.set(row, n * T);
    into.fill(row.at(-1) ?? 0, n * T + row.length, (n + 1) * T);
  }
  return { values, lengths };
}

/** Length T of the longest of some rows, and the length of each if they differ. */
export function packLengths(
  workspace: Workspace,
  name: string,
  sources: Pick<Sources, "length">,
  rows: ArrayLike<number>,
): { T: number; lengths: Ints | undefined } {
  const each = Int32Array.from(rows, (row) => sources.length(row));
  let [T, least] = [0, Number.POSITIVE_INFINITY];
  for (const length of each) [T, least] = [Math.max(T, length), Math.min(least, length)];
  const lengths = workspace.ints(`${name} lengths`, [each.length]); // reserved in any case: a later batch may need it
  if (least === T) return { T, lengths: undefined };
  lengths.data.set(each);
  return { T, lengths };
}

/** Pairs of sequences: row r of `sources` belongs to row r of `targets`. */
export interface EncodedPairs<Source extends Sources = Sources> {
  readonly count: number;
  readonly sources: Source;
  /** Target ids; each row begins with the start token. */
  readonly targets: Sequences;
}

/**
 * Packs pairs of a set into a batch, which is valid until the workspace packs another one.
 *
 * @param rows numbers of the pairs
 */
export function packPairs(
  workspace: Workspace,
  { sources, targets }: { readonly sources: Sources; readonly targets: Sequences },
  rows: ArrayLike<number>,
): PairBatch {
  const [source, target] = [sources.pack(workspace, "source", rows), packRows(workspace, "target", targets, rows)];
  return { source: source.values, target: target.values, sourceLengths: source.lengths, targetLengths: target.lengths };
}

/** Sorts rows by length, the longest first; rows of the same length keep their order. */
export function byLength(sources: Pick<Sources, "length">, rows: Int32Array): Int32Array {
  return rows.toSorted((a, b) => sources.length(b) - sources.length(a));
}
