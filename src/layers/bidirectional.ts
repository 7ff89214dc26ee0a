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
 * Two recurrent layers over one sequence, of H/2 units each: one reads from its begin, the other from its end.
 *
 *     hs[n, t] = [forward[n, t], backward[n, t]]        (N, T, H)
 *
 * The last state is put together likewise, each half after the last step of its own way.
 * Source: Schuster & Paliwal 1997; names as in PyTorch.
 */
export class Bidirectional implements Layer {
  readonly params: readonly Param[];
  /** The state after each row's last step; it lives until the next call. */
  last: RecurrentState | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #ways: readonly Recurrent[];
  readonly #half: number;

  /** @param sizes H: of both together, even */
  constructor(backend: Backend, cell: CellName, { D, H }: { D: number; H: number }, name: string, layer = 0) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    if (H % 2 !== 0) throw new ShapeError(`Bidirectional: H: expected an even number, got ${H}.`);
    this.#half = H / 2;
    const make = (reverse: boolean): Recurrent =>
      new cells[cell](backend, { D, H: this.#half, reverse }, name, reverse ? `${layer}_reverse` : layer);
    this.#ways = [make(false), make(true)];
    this.params = this.#ways.flatMap(({ params }) => params);
  }

  /** @param given.lengths (N) how many steps each row has, at least 1; the rest is padding and comes out as 0 */
  forward(input: Sequence, given: { lengths?: Ints | undefined } = {}): Tensor {
    const [N = 0, T = 0] = (input instanceof Tensor ? input : input.ids).shape;
    const hs = this.#join(
      "hs",
      [N, T],
      this.#ways.map((way) => way.forward(input, given)),
    );
    const lasts = this.#ways.flatMap(({ last }) => last ?? []);
    const cs = lasts.flatMap(({ c }) => c ?? []);
    const h = this.#join(
      "h",
      [N],
      lasts.map((last) => last.h),
    );
    this.last = { h, c: cs.length > 0 ? this.#join("c", [N], cs) : undefined };
    return hs;
  }

  /** As `Recurrent.backward`. */
  backward(dhs: Tensor | undefined, dLast?: RecurrentState): Tensor | undefined {
    const dxs = this.#ways.map((way, side) =>
      way.backward(
        dhs && this.#part("dhs", dhs, side),
        dLast && { h: this.#part("dh", dLast.h, side), c: dLast.c && this.#part("dc", dLast.c, side) },
      ),
    );
    const [first, second] = dxs;
    if (first && second) this.#backend.kernels.accumulate({ ys: first }, { xs: second }, { R: first.size });
    return first;
  }

  /** Both halves side by side. */
  #join(name: string, shape: readonly number[], halves: readonly Tensor[]): Tensor {
    const whole = this.#workspace.tensor(name, [...shape, 2 * this.#half]);
    for (const [side, tensor] of halves.entries())
      copyColumns(this.#backend, { tensor: whole, from: side * this.#half }, { tensor }, this.#half);
    return whole;
  }

  /** One of the halves. */
  #part(name: string, whole: Tensor, side: number): Tensor {
    expectShape(`Bidirectional.backward: ${name}`, whole.shape.slice(-1), [2 * this.#half]);
    const half = this.#workspace.tensor(`${name}${side}`, [...whole.shape.slice(0, -1), this.#half]);
    copyColumns(this.#backend, { tensor: half }, { tensor: whole, from: side * this.#half }, this.#half);
    return half;
  }
}
