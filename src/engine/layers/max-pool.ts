import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape, ShapeError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/**
 * Max-pooling over channels-last images with window 2 × 2 and stride 2. An odd last row or column is ignored.
 *
 *     ys[n, y, x, c] = max xs[n, 2y + i, 2x + j, c] over i, j ∈ {0, 1}
 *
 * Input (N, Y, X, C) with Y and X at least 2, output (N, ⌊Y/2⌋, ⌊X/2⌋, C). The gradient goes to the first maximum of
 * each window.
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

  /** Returns ys of xs, which must stay unchanged until `backward`. @throws ShapeError for a side below 2 */
  forward(xs: Tensor): Tensor {
    expectShape("MaxPool.forward: xs", xs.shape, ["N", "Y", "X", "C"]);
    const [N = 0, Y = 0, X = 0, C = 0] = xs.shape;
    if (Y < 2 || X < 2)
      throw new ShapeError(`MaxPool.forward: xs: expected images of at least 2 × 2, got ${Y} × ${X}.`);
    const ys = this.#workspace.tensor("ys", pooled(xs));
    this.#backend.kernels.maxPoolForward({ ys }, { xs }, { N, Y, X, C });
    this.#xs = xs;
    return ys;
  }

  /** Sets dxs (returned). */
  backward(dys: Tensor): Tensor {
    const xs = this.#xs;
    if (!xs) throw new Error("MaxPool.backward: expected a forward pass before it, got none.");
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
