import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { CellName } from "../engine/layers/cells.js";
import { copyColumns, type Layer } from "../engine/layers/layer.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import { Tanh } from "../engine/layers/tanh.js";
import type { Param, Tensor } from "../engine/tensor.js";
import { DecoderStack } from "./decoder-stack.js";
import { noDropout } from "./encoder.js";

/**
 * Initial states of a decoder from one vector: `[h of layer 0 | h of layer 1 | …] = tanh(xs)`. Cell states are zeros.
 *
 * Input (N, 1, layers·H); it is overwritten with its tanh.
 */
export class InitialStates implements Layer {
  readonly params = [] as const;
  /** Size of the vector. */
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

  /** Returns the gradient of the vector, (N, 1, layers·H). */
  backward(states: readonly (RecurrentState | undefined)[]): Tensor {
    const { H } = this.#sizes;
    const dys = this.#workspace.tensor("dys", [states[0]?.h.shape[0] ?? 0, 1, this.width]);
    for (const [layer, state] of states.entries())
      if (state) copyColumns(this.#backend, { tensor: dys, from: layer * H }, { tensor: state.h }, H);
    return this.#tanh.backward(dys);
  }
}

/**
 * Initial states of a decoder from one vector as a step of input before the first token: the recurrent layers start from
 * zeros, and their states after the step are the initial ones. The context of the first layer is zeros in this step.
 *
 * Input (N, 1, D). Source: Vinyals et al. 2015, equation 10.
 */
export class InitialStep implements Layer {
  readonly params: readonly Param[];
  /** Size of the vector. */
  readonly width: number;
  /** Stack whose recurrent layers the decoder shares. */
  readonly stack: DecoderStack;
  readonly #workspace: Workspace;
  readonly #sizes: { readonly H: number; readonly C: number };

  constructor(backend: Backend, sizes: { D: number; H: number; C: number; cell: CellName; layers: number }) {
    this.#workspace = new Workspace(backend.arena);
    this.#sizes = sizes;
    this.stack = new DecoderStack(backend, sizes, noDropout, 0);
    this.width = sizes.D;
    this.params = this.stack.params;
  }

  forward(xs: Tensor): readonly RecurrentState[] {
    const { C } = this.#sizes;
    this.stack.states = [];
    this.stack.forward(xs, { context: C > 0 ? this.#zeros("context", [xs.shape[0] ?? 0, C]) : undefined });
    return this.stack.states;
  }

  /** Returns the gradient of the vector; adds to the gradients of the parameters. */
  backward(states: readonly (RecurrentState | undefined)[]): Tensor {
    const { H } = this.#sizes;
    const dxs = this.stack.backward(this.#zeros("dys", [states[0]?.h.shape[0] ?? 0, 1, H]), states);
    if (!dxs) throw new Error("InitialStep.backward: expected the gradient of a vector.");
    return dxs;
  }

  #zeros(name: string, shape: readonly number[]): Tensor {
    const zeros = this.#workspace.tensor(name, shape);
    zeros.data.fill(0);
    return zeros;
  }
}
