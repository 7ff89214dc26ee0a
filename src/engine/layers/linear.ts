import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Param, Tensor } from "../tensor.js";
import { type Layer, makeParam } from "./layer.js";

/**
 * Linear layer over every step: `ys[n, t] = [context[n], xs[n, t]]·weightᵀ + bias`.
 *
 * Input (N, T, D), context (N, C), which all steps share, output (N, T, O). The weight is (O, C + D), the bias (O).
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

  /**
   * @param sizes D: input size; O: output size; C: context size. @default C = 0
   * @param given weight: another layer's parameter to tie; bias: another layer's parameter, or false for none
   */
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

  /** Returns ys (N, T, O) of xs (N, T, D), which must stay unchanged until `backward`. */
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
   * Sets dxs (returned) and `dContext`, adds to the gradients of weight and bias.
   * @param wantsInput false to skip dxs, in the first layer of a model. @default true
   */
  backward(dys: Tensor): Tensor;
  backward(dys: Tensor, wantsInput: boolean): Tensor | undefined;
  backward(dys: Tensor, wantsInput = true): Tensor | undefined {
    if (!this.#saved) throw new Error("Linear.backward: expected a forward pass before it, got none.");
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
