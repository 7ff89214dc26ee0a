import type { Backend } from "../backend/backend.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/** `ys = max(xs, 0)` over any shape. Both passes work in place: ys overwrites xs, and dxs overwrites dys. */
export class ReLU implements Layer {
  readonly params = [] as const;
  readonly #backend: Backend;
  #ys: Tensor | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Overwrites xs with ys (returned), which must stay unchanged until `backward`. */
  forward(xs: Tensor): Tensor {
    this.#backend.kernels.reluForward({ ys: xs }, { xs }, { R: xs.size });
    this.#ys = xs;
    return xs;
  }

  /** Overwrites dys with dxs (returned). */
  backward(dys: Tensor): Tensor {
    if (!this.#ys) throw new Error("ReLU.backward: expected a forward pass before it, got none.");
    this.#backend.kernels.reluBackward({ dxs: dys }, { dys, ys: this.#ys }, { R: dys.size });
    return dys;
  }
}
