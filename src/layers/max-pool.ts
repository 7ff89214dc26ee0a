import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape, ShapeError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/**
 * The largest of each 2 × 2 places, channel by channel. An odd last line or column is left out.
 *
 *     ys[n, y, x, c] = max xs[n, 2y + i, 2x + j, c] over i, j ∈ {0, 1}
 *
 * Input (N, Y, X, C), at least 2 × 2, output (N, ⌊Y/2⌋, ⌊X/2⌋, C). On the way back the gradient goes to the first of the
 * largest; which one that was is looked up in the input again, so it must live until then.
 */
export class MaxPool implements Layer {
  readonly params = [] as const;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  #xs: Tensor | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
  }

  forward(xs: Tensor): Tensor {
    expectShape("MaxPool.forward: xs", xs.shape, ["N", "Y", "X", "C"]);
    const [N = 0, Y = 0, X = 0, C = 0] = xs.shape;
    if (Y < 2 || X < 2)
      throw new ShapeError(`MaxPool.forward: xs: expected pictures of 2 × 2 or more, got ${Y} × ${X}.`);
    const ys = this.#workspace.tensor("ys", pooled(xs));
    this.#backend.kernels.maxPoolForward({ ys }, { xs }, { N, Y, X, C });
    this.#xs = xs;
    return ys;
  }

  backward(dys: Tensor): Tensor {
    const xs = this.#xs;
    if (!xs) throw new Error("MaxPool.backward: expected a forward pass before it.");
    expectShape("MaxPool.backward: dys", dys.shape, pooled(xs));
    const [N = 0, Y = 0, X = 0, C = 0] = xs.shape;
    const dxs = this.#workspace.tensor("dxs", xs.shape);
    this.#backend.kernels.maxPoolBackward({ dxs }, { dys, xs }, { N, Y, X, C });
    return dxs;
  }
}

function pooled({ shape: [N = 0, Y = 0, X = 0, C = 0] }: Tensor): number[] {
  return [N, Math.floor(Y / 2), Math.floor(X / 2), C];
}
