import type { Backend } from "../backend/backend.js";
import type { Ints, Param, Tensor } from "../tensor.js";

/** Updates parameters from their gradients. Its state is tensors by name, so that a checkpoint can store it. */
export interface Optimizer {
  /** Learning rate of the next step. */
  learningRate: number;
  /** State tensors, named as the parameters with a prefix: `adam.m.encoder.lstm.bias_l0`. */
  readonly state: readonly { readonly name: string; readonly value: Tensor }[];
  /**
   * Updates all parameters once and sets their gradients to zero.
   * @param scale factor for all gradients, from `clipFactor`
   * @param step number of the step, from 1
   */
  step(scale: number, step: number): void;
}

/** Stochastic gradient descent: value −= rate·scale·gradient. */
export class SGD implements Optimizer {
  readonly state = [] as const;
  readonly #backend: Backend;
  readonly #params: readonly Param[];

  constructor(
    backend: Backend,
    params: readonly Param[],
    public learningRate: number,
  ) {
    this.#backend = backend;
    this.#params = params;
  }

  /** Updates the rows with a gradient, which it sets to zero. */
  step(scale: number): void {
    for (const param of this.#params) {
      const { value, grad, touched } = param;
      const { ids, R, D } = gradientRows(param);
      this.#backend.kernels.sgd({ value, grad }, { ids }, { rate: this.learningRate, scale, R, D });
      touched?.clear();
    }
  }
}

/** Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8. Source: Kingma & Ba 2015, algorithm 1. */
export class Adam implements Optimizer {
  readonly state: readonly { readonly name: string; readonly value: Tensor }[];
  readonly #backend: Backend;
  readonly #moments: readonly { param: Param; m: Tensor; v: Tensor }[];

  constructor(
    backend: Backend,
    params: readonly Param[],
    public learningRate: number,
  ) {
    this.#backend = backend;
    this.#moments = params.map((param) => {
      const shape = param.value.shape;
      return { param, m: backend.arena.tensor(shape), v: backend.arena.tensor(shape) };
    });
    this.state = this.#moments.flatMap(({ param, m, v }) => [
      { name: `adam.m.${param.name}`, value: m },
      { name: `adam.v.${param.name}`, value: v },
    ]);
  }

  /** Updates all parameters and both moments, and sets the gradients to zero. */
  step(scale: number, step: number): void {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    const [bias1, bias2] = [1 - beta1 ** step, 1 - beta2 ** step];
    for (const { param, m, v } of this.#moments) {
      const R = param.value.size; // all elements: moments also change where the gradient is zero
      const sizes = { rate: this.learningRate, scale, beta1, beta2, epsilon, bias1, bias2, R };
      this.#backend.kernels.adam({ value: param.value, m, v, grad: param.grad }, {}, sizes);
      param.touched?.clear();
    }
  }
}

/** Optimizers by name. */
export const optimizers = { adam: Adam, sgd: SGD } as const;
/** Name of an optimizer. */
export type OptimizerName = keyof typeof optimizers;

/** L2 norm of all gradients together; a tied parameter counts once. */
export function gradientNorm(backend: Backend, params: readonly Param[]): number {
  let total = 0;
  for (const param of new Set(params)) {
    const { ids, R, D } = gradientRows(param);
    total += backend.kernels.sumOfSquares({}, { xs: param.grad, ids }, { R, D });
  }
  return Math.sqrt(total);
}

/** The rows (R, D) of a gradient that may differ from zero; without ids, all rows. */
export function gradientRows({ grad, touched }: Param): { ids: Ints | undefined; R: number; D: number } {
  const V = grad.shape[0] ?? 0;
  const ids = touched?.ids;
  return { ids, R: ids ? ids.size : V, D: grad.size / V };
}

/** Factor that clips a gradient to the norm `limit`: at most 1. Source: Pascanu, Mikolov & Bengio 2013. */
export function clipFactor(norm: number, limit: number): number {
  return norm > limit ? limit / (norm + 1e-6) : 1;
}

/**
 * Learning-rate schedules: the factor for the learning rate, as a function of the fraction of training done (0 to 1).
 * - `constant`: always 1.
 * - `linear`: decays linearly to 0.
 * - `cosine`: decays to 0 along half a cosine. Source: Loshchilov & Hutter 2017, without restarts.
 */
export const schedules = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
} as const satisfies Record<string, (done: number) => number>;

/** Name of a learning-rate schedule. */
export type ScheduleName = keyof typeof schedules;
