import type { Workspace } from "../../engine/backend/arena.js";
import type { Ints, Tensor } from "../../engine/tensor.js";
import { packLengths, type Sources } from "../../models/sources.js";

/** Frames of real numbers, all of one width, in rows of different lengths. */
export class Frames implements Sources {
  readonly #rows: readonly Float32Array[];

  /** @param rows (T, width) each */
  constructor(
    readonly width: number,
    rows: readonly Float32Array[],
  ) {
    this.#rows = rows;
  }

  get count(): number {
    return this.#rows.length;
  }

  get steps(): number {
    return this.#rows.reduce((sum, { length }) => sum + length, 0) / this.width;
  }

  get arrays(): readonly (Float32Array | Float64Array)[] {
    return [...this.#rows, Float64Array.from(this.#rows, ({ length }) => length)];
  }

  row(r: number): Float32Array {
    return this.#rows[r] ?? new Float32Array();
  }

  length(r: number): number {
    return this.row(r).length / this.width;
  }

  /** Padding is zeros. */
  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): { values: Tensor; lengths: Ints | undefined } {
    const { T, lengths } = packLengths(workspace, name, this, rows);
    const values = workspace.tensor(name, [rows.length, T, this.width]);
    const into = values.data.fill(0);
    for (let n = 0; n < rows.length; n++) into.set(this.row(rows[n] ?? 0), n * T * this.width);
    return { values, lengths };
  }
}
