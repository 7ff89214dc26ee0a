import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Tensor } from "../tensor.js";
import type { Layer } from "./layer.js";

/** Training phase of a model, one record that all its layers share. The trainer updates it. */
export interface Phase {
  /** True in training: dropout is active. */
  training: boolean;
  /** Number of the current optimizer step. */
  step: number;
  /** Fraction of the training that is complete, from 0 to 1. */
  done: number;
}

/**
 * Dropout: in training, sets elements to zero with probability `rate` and divides the others by 1 − rate; otherwise the
 * identity. The mask is a function of (seed, stream, step, element): it is not stored, and the same with any
 * threads and backend.
 *
 * Source: Srivastava et al. 2014.
 */
export class Dropout implements Layer {
  readonly params = [] as const;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #phase: Phase;
  readonly #mask: { rate: number; seed: number; stream: number };

  /** @param mask rate: in [0, 1); seed: an integer; stream: a different integer for each layer of a model */
  constructor(backend: Backend, phase: Phase, mask: { rate: number; seed: number; stream: number }) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#phase = phase;
    this.#mask = mask;
  }

  /** True in training with a rate above 0. */
  get isActive(): boolean {
    return this.#phase.training && this.#mask.rate > 0;
  }

  /** Returns ys of the shape of xs, or xs itself while inactive. */
  forward(xs: Tensor): Tensor {
    return this.#apply("ys", xs);
  }

  /** Sets dxs (returned) with the mask of the forward pass in the same step. */
  backward(dys: Tensor): Tensor {
    return this.#apply("dxs", dys);
  }

  #apply(name: string, xs: Tensor): Tensor {
    if (!this.isActive) return xs;
    const ys = this.#workspace.tensor(name, xs.shape);
    this.#backend.kernels.dropout({ ys }, { xs }, { ...this.#mask, step: this.#phase.step, R: xs.size });
    return ys;
  }
}
