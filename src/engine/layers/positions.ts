import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Param, Tensor } from "../tensor.js";
import { type Layer, makeParam } from "./layer.js";

/**
 * Learned position embeddings: `ys[n, s] = xs[n, s] + weight[s]`.
 *
 * Input and output (N, S, D), without padding. Both passes work in place: ys overwrites xs, and dxs is dys.
 */
export class Positions implements Layer {
  readonly params: readonly [weight: Param];
  readonly #backend: Backend;

  /** @param sizes S: number of positions; D: embedding size */
  constructor(backend: Backend, sizes: { S: number; D: number }, name = "positions") {
    this.#backend = backend;
    this.params = [makeParam(backend.arena, `${name}.embedding.weight`, [sizes.S, sizes.D])];
  }

  /** Adds the embeddings to xs (returned). */
  forward(xs: Tensor): Tensor {
    const [{ value }] = this.params;
    expectShape("Positions.forward: xs", xs.shape, ["N", ...value.shape]);
    for (const row of rowsOf(xs)) this.#backend.kernels.accumulate({ ys: row }, { xs: value }, { R: value.size });
    return xs;
  }

  /** Returns dys as dxs, adds to the gradient of the weight. */
  backward(dys: Tensor): Tensor {
    const [{ grad }] = this.params;
    expectShape("Positions.backward: dys", dys.shape, ["N", ...grad.shape]);
    for (const row of rowsOf(dys)) this.#backend.kernels.accumulate({ ys: grad }, { xs: row }, { R: grad.size });
    return dys;
  }
}

function rowsOf(tensor: Tensor): Tensor[] {
  return Array.from({ length: tensor.shape[0] ?? 0 }, (_, n) => tensor.rows(n, n + 1));
}
