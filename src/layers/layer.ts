import type { Arena } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { DataError } from "../errors.js";
import type { Ints, Param, Tensor } from "../tensor.js";

/**
 * A layer runs forward over a batch, keeps what it needs, and runs back once. There is no automatic differentiation:
 * each backward pass is written out.
 *
 * - Outputs and the gradients of activations are *set*, and live until the layer's next call.
 * - The gradients of parameters are *added to*; the optimizer zeroes them after it used them.
 */
export interface Layer {
  readonly params: readonly Param[];
}

/** A parameter of zeros; `initialize` fills it. */
export function makeParam(arena: Arena, name: string, shape: readonly number[]): Param {
  return { name, value: arena.tensor(shape), grad: arena.tensor(shape) };
}

/** A sequence of real vectors (N, T, D), or of rows of a table, of which a recurrent layer projects each only once. */
export type Sequence = Tensor | Lookup;

export interface Lookup {
  /** (N, T), each below V. */
  readonly ids: Ints;
  /** (V, D); its gradient is added to. */
  readonly table: Param;
}

/** Throws unless every number lies from `least` to `most`: a kernel takes them at their word, and would leave its memory. */
export function expectRange(where: string, { data }: Ints, least: number, most: number): void {
  for (const number of data)
    if (number < least || number > most)
      throw new DataError(`${where}: expected numbers from ${least} to ${most}, got ${number}.`);
}

/** Where columns lie: those of `tensor`'s last axis from `from` on. */
export interface Columns {
  readonly tensor: Tensor;
  /** @default 0 */
  readonly from?: number;
}

/** Copies `columns` columns of every row: to put matrices side by side, and to take one of them back. */
export function copyColumns(
  backend: Backend,
  { tensor: ys, from: to = 0 }: Columns,
  { tensor: xs, from = 0 }: Columns,
  columns: number,
): void {
  const [O, D] = [ys.shape.at(-1) ?? 0, xs.shape.at(-1) ?? 0];
  backend.kernels.copyColumns({ ys }, { xs }, { R: ys.size / O, O, to, D, from, columns });
}
