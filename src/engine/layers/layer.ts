import type { Arena } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { DataError } from "../errors.js";
import type { Ints, Param, Tensor } from "../tensor.js";

/**
 * A layer of a model. `forward` keeps the activations that `backward` needs, and each forward pass allows one backward
 * pass. There is no automatic differentiation: every backward pass is written out.
 *
 * - Outputs and gradients of activations are *set*, and are valid until the layer's next call.
 * - Gradients of parameters are *added to*; the optimizer sets them to zero after its step.
 */
export interface Layer {
  /** Trainable parameters, in a fixed order. */
  readonly params: readonly Param[];
}

/** Allocates a parameter and its gradient, both zeros; `initialize` draws the values. */
export function makeParam(arena: Arena, name: string, shape: readonly number[]): Param {
  return { name, value: arena.tensor(shape), grad: arena.tensor(shape) };
}

/** Input of a recurrent layer: real-valued frames (N, T, D), or token ids with their embedding table. */
export type Sequence = Tensor | Lookup;

/** Token ids and an embedding table. A recurrent layer projects each row of the table only once. */
export interface Lookup {
  /** Token ids (N, T), from 0 to V − 1. */
  readonly ids: Ints;
  /** Embedding table (V, D); the backward pass adds to its gradient. */
  readonly table: Param;
}

/** Checks that all numbers are in range, since kernels would read outside of an array. @throws DataError otherwise */
export function expectRange(where: string, { data }: Ints, least: number, most: number): void {
  for (const number of data)
    if (number < least || number > most)
      throw new DataError(`${where}: expected numbers from ${least} to ${most}, got ${number}.`);
}

/** Columns of a tensor, along its last axis. */
export interface Columns {
  /** The tensor (…, D). */
  readonly tensor: Tensor;
  /** First column. @default 0 */
  readonly from?: number;
}

/** Copies `columns` columns of every row from the second tensor into the first: concatenates and splits matrices. */
export function copyColumns(
  backend: Backend,
  { tensor: ys, from: to = 0 }: Columns,
  { tensor: xs, from = 0 }: Columns,
  columns: number,
): void {
  const [O, D] = [ys.shape.at(-1) ?? 0, xs.shape.at(-1) ?? 0];
  backend.kernels.copyColumns({ ys }, { xs }, { R: ys.size / O, O, to, D, from, columns });
}
