import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Param, Tensor } from "../tensor.js";
import { type Layer, makeParam } from "./layer.js";

/**
 * An affine map of every step: `ys[n, t] = [context[n], xs[n, t]]·weightᵀ + bias`; without a bias a linear one.
 *
 * Input (N, T, D), context (N, C) the same in every step, output (N, T, O).
 */
export class Linear implements Layer {
  readonly params: readonly Param[];
  /** Gradient of the context of the last call, set by `backward`. */
  dContext: Tensor | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #sizes: { D: number; C: number; O: number };
  readonly #weight: Param;
  readonly #bias: Param | undefined;
  #saved: { xs: Tensor; context: Tensor | undefined } | undefined;

  /** @param given a weight of another layer, to be tied to it; whether there is a bias, or another layer's */
  constructor(
    backend: Backend,
    sizes: { D: number; O: number; C?: number },
    name = "linear",
    { weight, bias = true }: { weight?: Param | undefined; bias?: Param | boolean | undefined } = {},
  ) {
    const { D, O, C = 0 } = sizes;
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#sizes = { D, C, O };
    if (weight) expectShape("Linear: tied weight", weight.value.shape, [O, C + D]);
    this.#weight = weight ?? makeParam(backend.arena, `${name}.weight`, [O, C + D]);
    this.#bias = bias === true ? makeParam(backend.arena, `${name}.bias`, [O]) : bias || undefined;
    this.params = this.#bias ? [this.#weight, this.#bias] : [this.#weight];
  }

  forward(xs: Tensor, context?: Tensor): Tensor {
    const { D, C, O } = this.#sizes;
    expectShape("Linear.forward: xs", xs.shape, ["N", "T", D]);
    const [N = 0, T = 0] = xs.shape;
    if (C || context) expectShape("Linear.forward: context", context?.shape ?? [], [N, C]);
    const ys = this.#workspace.tensor("ys", [N, T, O]);
    this.#backend.kernels.linearForward(
      { ys },
      { xs, context, weight: this.#weight.value, bias: this.#bias?.value },
      { N, T, D, C, O },
    );
    this.#saved = { xs, context };
    return ys;
  }

  /**
   * Sets dxs (returned) and `dContext`; adds to the gradients of weight and bias.
   * @param wantsInput false where nobody asks for dxs: it is not computed then
   */
  backward(dys: Tensor): Tensor;
  backward(dys: Tensor, wantsInput: boolean): Tensor | undefined;
  backward(dys: Tensor, wantsInput = true): Tensor | undefined {
    if (!this.#saved) throw new Error("Linear.backward: expected a forward pass before it.");
    const { xs, context } = this.#saved;
    const { D, C, O } = this.#sizes;
    const [N = 0, T = 0] = xs.shape;
    expectShape("Linear.backward: dys", dys.shape, [N, T, O]);
    const dxs = wantsInput ? this.#workspace.tensor("dxs", xs.shape) : undefined;
    this.dContext = context && this.#workspace.tensor("dContext", [N, C]);
    this.#backend.kernels.linearBackward(
      { dxs, dcontext: this.dContext, dweight: this.#weight.grad, dbias: this.#bias?.grad },
      { dys, xs, context, weight: this.#weight.value },
      { N, T, D, C, O },
    );
    return dxs;
  }
}
