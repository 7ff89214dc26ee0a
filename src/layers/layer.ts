import type { Arena } from "../backend/arena.js";
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
