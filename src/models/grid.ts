import type { Backend } from "../engine/backend/backend.js";
import type { Layer } from "../engine/layers/layer.js";
import { Linear } from "../engine/layers/linear.js";
import { Positions } from "../engine/layers/positions.js";
import { Tanh } from "../engine/layers/tanh.js";
import type { Param, Tensor } from "../engine/tensor.js";

/**
 * What attention finds at each of the S places of a picture: `hs[n, s] = tanh(weight·xs[n, s] + bias + position[s])`. A
 * convolution sees the same wherever it looks, so that only the position tells above from below.
 *
 * Input (N, S, C), output (N, S, H).
 */
export class Grid implements Layer {
  readonly params: readonly Param[];
  readonly #linear: Linear;
  readonly #positions: Positions;
  readonly #tanh: Tanh;

  constructor(backend: Backend, { S, C, H }: { S: number; C: number; H: number }, name: string) {
    this.#linear = new Linear(backend, { D: C, O: H }, name);
    this.#positions = new Positions(backend, { S, D: H }, name);
    this.#tanh = new Tanh(backend);
    this.params = [...this.#linear.params, ...this.#positions.params];
  }

  forward(xs: Tensor): Tensor {
    return this.#tanh.forward(this.#positions.forward(this.#linear.forward(xs)));
  }

  /** Sets dxs (returned) where it is wanted; adds to the gradients of the parameters. */
  backward(dhs: Tensor, wantsInput: boolean): Tensor | undefined {
    return this.#linear.backward(this.#positions.backward(this.#tanh.backward(dhs)), wantsInput);
  }
}
