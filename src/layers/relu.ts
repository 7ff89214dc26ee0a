import type { Backend } from "../backend/backend.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/** `ys = max(xs, 0)`, of any shape. Both ways in place: xs becomes ys, and dys becomes dxs. */
export class ReLU implements Layer {
  readonly params = [] as const;
  readonly #backend: Backend;
  #ys: Tensor | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  forward(xs: Tensor): Tensor {
    this.#backend.kernels.reluForward({ ys: xs }, { xs }, { R: xs.size });
    this.#ys = xs;
    return xs;
  }

  backward(dys: Tensor): Tensor {
    if (!this.#ys) throw new Error("ReLU.backward: expected a forward pass before it.");
    this.#backend.kernels.reluBackward({ dxs: dys }, { dys, ys: this.#ys }, { R: dys.size });
    return dys;
  }
}
