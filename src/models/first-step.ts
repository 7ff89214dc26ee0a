import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { CellName } from "../engine/layers/cells.js";
import type { Layer } from "../engine/layers/layer.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import type { Param, Tensor } from "../engine/tensor.js";
import { DecoderStack } from "./decoder-stack.js";
import { noDropout } from "./encoder.js";

/**
 * Shows one vector to the decoder's recurrent layers as a step of input before the first token: they start from zeros, and
 * their states after it are the first. What the decoder sees besides its input is zeros then.
 *
 * Input (N, 1, D). Source: Vinyals et al. 2015, equation 10.
 */
export class FirstStep implements Layer {
  readonly params: readonly Param[];
  readonly width: number;
  /** The decoder's has the same recurrent layers. */
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

  /** The gradient of the vector; adds to those of the parameters. */
  backward(states: readonly (RecurrentState | undefined)[]): Tensor {
    const { H } = this.#sizes;
    const dxs = this.stack.backward(this.#zeros("dys", [states[0]?.h.shape[0] ?? 0, 1, H]), states);
    if (!dxs) throw new Error("FirstStep.backward: expected the gradient of a vector.");
    return dxs;
  }

  #zeros(name: string, shape: readonly number[]): Tensor {
    const zeros = this.#workspace.tensor(name, shape);
    zeros.data.fill(0);
    return zeros;
  }
}
