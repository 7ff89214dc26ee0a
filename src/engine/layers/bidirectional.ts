import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape, ShapeError } from "../errors.js";
import { type Ints, type Param, Tensor } from "../tensor.js";
import type { CellName } from "./cells.js";
import { cells } from "./cells.js";
import type { Layer, Sequence } from "./layer.js";
import { copyColumns } from "./layer.js";
import type { Recurrent, RecurrentState } from "./recurrent.js";

/**
 * A bidirectional recurrent layer: two layers of H/2 units, one of which reads the sequence in reverse.
 *
 *     hs[n, t] = [forward[n, t], backward[n, t]]        (N, T, H)
 *
 * The last state is concatenated in the same way, each half after the last step in its direction.
 * Source: Schuster & Paliwal 1997; names as in PyTorch.
 */
export class Bidirectional implements Layer {
  readonly params: readonly Param[];
  /** Last state of each sequence, (N, H). Valid until the next call. */
  last: RecurrentState | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #directions: readonly Recurrent[];
  readonly #half: number;

  /**
   * @param sizes D: input size; H: output size, the sum of both directions
   * @throws ShapeError for an odd H
   */
  constructor(backend: Backend, cell: CellName, { D, H }: { D: number; H: number }, name: string, layer = 0) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    if (H % 2 !== 0) throw new ShapeError(`Bidirectional: H: expected an even number, got ${H}.`, `choose ${H + 1}`);
    this.#half = H / 2;
    const make = (reverse: boolean): Recurrent =>
      new cells[cell](backend, { D, H: this.#half, reverse }, name, reverse ? `${layer}_reverse` : layer);
    this.#directions = [make(false), make(true)];
    this.params = this.#directions.flatMap(({ params }) => params);
  }

  /**
   * Returns hs (N, T, H); sets `last`.
   * @param given.lengths (N) valid steps of each sequence, at least 1; outputs for padding are 0
   */
  forward(input: Sequence, given: { lengths?: Ints | undefined } = {}): Tensor {
    const [N = 0, T = 0] = (input instanceof Tensor ? input : input.ids).shape;
    const hs = this.#concatenate(
      "hs",
      [N, T],
      this.#directions.map((direction) => direction.forward(input, given)),
    );
    const lasts = this.#directions.flatMap(({ last }) => last ?? []);
    const cs = lasts.flatMap(({ c }) => c ?? []);
    const h = this.#concatenate(
      "h",
      [N],
      lasts.map((last) => last.h),
    );
    this.last = { h, c: cs.length > 0 ? this.#concatenate("c", [N], cs) : undefined };
    return hs;
  }

  /** Sets dxs (returned), adds to the gradients of the parameters; the same as `Recurrent.backward`. */
  backward(dhs: Tensor | undefined, dLast?: RecurrentState): Tensor | undefined {
    const dxs = this.#directions.map((direction, side) =>
      direction.backward(
        dhs && this.#split("dhs", dhs, side),
        dLast && { h: this.#split("dh", dLast.h, side), c: dLast.c && this.#split("dc", dLast.c, side) },
      ),
    );
    const [first, second] = dxs;
    if (first && second) this.#backend.kernels.accumulate({ ys: first }, { xs: second }, { R: first.size });
    return first;
  }

  /** Concatenates both halves along the last axis. */
  #concatenate(name: string, shape: readonly number[], halves: readonly Tensor[]): Tensor {
    const whole = this.#workspace.tensor(name, [...shape, 2 * this.#half]);
    for (const [side, tensor] of halves.entries())
      copyColumns(this.#backend, { tensor: whole, from: side * this.#half }, { tensor }, this.#half);
    return whole;
  }

  /** Copies one half of the last axis. */
  #split(name: string, whole: Tensor, side: number): Tensor {
    expectShape(`Bidirectional.backward: ${name}`, whole.shape.slice(-1), [2 * this.#half]);
    const half = this.#workspace.tensor(`${name}${side}`, [...whole.shape.slice(0, -1), this.#half]);
    copyColumns(this.#backend, { tensor: half }, { tensor: whole, from: side * this.#half }, this.#half);
    return half;
  }
}
