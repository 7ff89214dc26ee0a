import type { Arena } from "../backend/arena.js";
import type { Ints, Param, Tensor } from "../tensor.js";

/**
 * A layer runs forward over a batch, keeps what it needs, and runs back once. There is no automatic differentiation:
 * each backward pass is written out.
 *
 * - Outputs and the gradients of activations are *set*, and live until the layer's next call.
 * - The gradients of parameters are *added to*; the trainer zeroes them.
 */
export interface Layer {
  readonly params: readonly Param[];
}

/** A parameter of zeros; `initialize` fills it. */
export function makeParam(arena: Arena, name: string, shape: readonly number[]): Param {
  return { name, value: arena.tensor(shape), grad: arena.tensor(shape) };
}

/** A sequence of real vectors (N, T, D), or of rows of a table, of which an LSTM projects each only once. */
export type Sequence = Tensor | Lookup;

export interface Lookup {
  /** (N, T), each below V. */
  readonly ids: Ints;
  /** (V, D); its gradient is added to. */
  readonly table: Param;
}
