import type { Backend } from "../backend/backend.js";
import type { Ints, Param, Tensor } from "../tensor.js";

/** Changes parameters by their gradients, which it leaves at zero for the next update. Its state is tensors by name, so that a checkpoint can hold it. */
export interface Optimizer {
  /** Learning rate of the next update. */
  rate: number;
  /** Named as the parameters, with the state's name before: `adam.m.encoder.lstm.bias_l0`. */
  readonly state: readonly { readonly name: string; readonly value: Tensor }[];
  /** @param scale every gradient is multiplied by it; update counts from 1 */
  step(scale: number, update: number): void;
}

/** Gradient descent: value −= rate·gradient. */
export class SGD implements Optimizer {
  readonly state = [] as const;
  readonly #backend: Backend;
  readonly #params: readonly Param[];

  constructor(
    backend: Backend,
    params: readonly Param[],
    public rate: number,
  ) {
    this.#backend = backend;
    this.#params = params;
  }

  step(scale: number): void {
    for (const param of this.#params) {
      const { value, grad, touched } = param;
      const { ids, R, D } = gradientRows(param);
      this.#backend.kernels.sgd({ value, grad }, { ids }, { rate: this.rate, scale, R, D });
      touched?.clear();
    }
  }
}

/** Adam. Source: Kingma & Ba 2015, algorithm 1, with its β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
export class Adam implements Optimizer {
  readonly state: readonly { readonly name: string; readonly value: Tensor }[];
  readonly #backend: Backend;
  readonly #moments: readonly { param: Param; m: Tensor; v: Tensor }[];

  constructor(
    backend: Backend,
    params: readonly Param[],
    public rate: number,
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

  step(scale: number, update: number): void {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    const [bias1, bias2] = [1 - beta1 ** update, 1 - beta2 ** update];
    for (const { param, m, v } of this.#moments) {
      const R = param.value.size;
      const sizes = { rate: this.rate, scale, beta1, beta2, epsilon, bias1, bias2, R };
      this.#backend.kernels.adam({ value: param.value, m, v, grad: param.grad }, {}, sizes); // moments move without a gradient too
      param.touched?.clear();
    }
  }
}

export const optimizers = { adam: Adam, sgd: SGD } as const;
export type OptimizerName = keyof typeof optimizers;

/** The length of all gradients taken as one vector. */
export function gradientNorm(backend: Backend, params: readonly Param[]): number {
  let total = 0;
  for (const param of new Set(params)) {
    const { ids, R, D } = gradientRows(param);
    total += backend.kernels.sumOfSquares({}, { xs: param.grad, ids }, { R, D });
  }
  return Math.sqrt(total);
}

/** The R rows of D in which a gradient may differ from 0; without ids they are all. */
export function gradientRows({ grad, touched }: Param): { ids: Ints | undefined; R: number; D: number } {
  const V = grad.shape[0] ?? 0;
  const ids = touched?.ids;
  return { ids, R: ids ? ids.size : V, D: grad.size / V };
}

/** The factor that brings a norm down to at most `limit`; 1 where it is below. Source: Pascanu, Mikolov & Bengio 2013. */
export function clipFactor(norm: number, limit: number): number {
  return norm > limit ? limit / (norm + 1e-6) : 1;
}

/**
 * The learning rate as a share of the one asked for, from the share of the training that is done (0 to 1).
 * - `constant`: always 1.
 * - `linear`: down to 0 in a line.
 * - `cosine`: down to 0 along half a cosine. Source: Loshchilov & Hutter 2017, without restarts.
 */
export const schedules = {
  constant: () => 1,
  linear: (done) => 1 - done,
  cosine: (done) => (1 + Math.cos(Math.PI * done)) / 2,
} as const satisfies Record<string, (done: number) => number>;

export type ScheduleName = keyof typeof schedules;
