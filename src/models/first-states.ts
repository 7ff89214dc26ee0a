import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { Layer } from "../engine/layers/layer.js";
import { copyColumns } from "../engine/layers/layer.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import { Tanh } from "../engine/layers/tanh.js";
import type { Tensor } from "../engine/tensor.js";

/**
 * Makes one vector the decoder's first states: `[h of layer 0 | h of layer 1 | …] = tanh(xs)`. Cell states start as zeros.
 *
 * Input (N, 1, layers·H), becomes its tanh in place.
 */
export class FirstStates implements Layer {
  readonly params = [] as const;
  /** Of the vector. */
  readonly width: number;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #tanh: Tanh;
  readonly #sizes: { readonly H: number; readonly layers: number };

  constructor(backend: Backend, sizes: { H: number; layers: number }) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#tanh = new Tanh(backend);
    this.#sizes = sizes;
    this.width = sizes.H * sizes.layers;
  }

  forward(xs: Tensor): RecurrentState[] {
    const ys = this.#tanh.forward(xs);
    const { H, layers } = this.#sizes;
    return Array.from({ length: layers }, (_, layer) => {
      const h = this.#workspace.tensor(`h${layer}`, [xs.shape[0] ?? 0, H]);
      copyColumns(this.#backend, { tensor: h }, { tensor: ys, from: layer * H }, H);
      return { h };
    });
  }

  /** The gradient of the vector, (N, 1, layers·H). */
  backward(states: readonly (RecurrentState | undefined)[]): Tensor {
    const { H } = this.#sizes;
    const dys = this.#workspace.tensor("dys", [states[0]?.h.shape[0] ?? 0, 1, this.width]);
    for (const [layer, state] of states.entries())
      if (state) copyColumns(this.#backend, { tensor: dys, from: layer * H }, { tensor: state.h }, H);
    return this.#tanh.backward(dys);
  }
}
