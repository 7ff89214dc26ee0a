import type { Workspace } from "../engine/backend/arena.js";
import type { Ints, Tensor } from "../engine/tensor.js";

/** Rows of a batch: ids (N, S), or real numbers (N, S, …). */
export interface PackedRows {
  readonly values: Ints | Tensor;
  /** (N) steps of each row; undefined: all have S. */
  readonly lengths: Ints | undefined;
}

/** What a model reads, row by row: token ids, frames of numbers, pictures. */
export interface Sources {
  readonly count: number;
  /** Steps of all rows together. */
  readonly steps: number;
  /** Steps of a row. */
  length(r: number): number;
  /** The numbers of a row. */
  row(r: number): Int32Array | Float32Array | Uint8Array;
  /** Rows as one batch. It lives until the workspace's next of the same name. */
  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): PackedRows;
  /** All that it is made of, to be hashed. */
  readonly arrays: readonly (Int32Array | Float32Array | Float64Array | Uint8Array)[];
}
