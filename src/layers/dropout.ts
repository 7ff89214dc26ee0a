import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/** Where a model is: whether it trains, and in which update. One record, shared by the layers that care. */
export interface Phase {
  training: boolean;
  update: number;
  /** The share of the training that is done, 0 to 1. */
  done: number;
}

/**
 * Zeroes a share `rate` of its input while training and divides the rest by 1 − rate. The mask is a function of
 * (seed, stream, update, element): nothing is kept, and neither threads nor backend change it.
 *
 * Source: Srivastava et al. 2014.
 */
export class Dropout implements Layer {
  readonly params = [] as const;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #phase: Phase;
  readonly #mask: { rate: number; seed: number; stream: number };

  /** @param mask rate in [0, 1); stream: another number for each layer of a model */
  constructor(backend: Backend, phase: Phase, mask: { rate: number; seed: number; stream: number }) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#phase = phase;
    this.#mask = mask;
  }

  /** Whether it changes anything now. */
  get isActive(): boolean {
    return this.#phase.training && this.#mask.rate > 0;
  }

  forward(xs: Tensor): Tensor {
    return this.#apply("ys", xs);
  }

  backward(dys: Tensor): Tensor {
    return this.#apply("dxs", dys);
  }

  #apply(name: string, xs: Tensor): Tensor {
    if (!this.isActive) return xs;
    const ys = this.#workspace.tensor(name, xs.shape);
    this.#backend.kernels.dropout({ ys }, { xs }, { ...this.#mask, step: this.#phase.update, R: xs.size });
    return ys;
  }
}
