import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Ints, Tensor } from "../tensor.js";
import { expectRange } from "./layer.js";

/**
 * Softmax and cross-entropy: the weighted mean of −log softmax(logits)[target], in nats per token.
 *
 * Logits (N, T, V), targets (N, T), weights (N, T): 0 excludes a position, and without weights all count. With label
 * smoothing ε the target distribution is 1 − ε for the correct token plus ε/V for every token.
 * Source: Szegedy et al. 2016.
 */
export class CrossEntropy {
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  #saved: { logits: Tensor; targets: Ints; weights: Tensor | undefined; scale: number; smoothing: number } | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
  }

  /** Weighted loss of each position (N, T), in nats. @throws DataError for a target outside of 0 … V − 1 */
  losses(logits: Tensor, targets: Ints, weights?: Tensor, smoothing = 0): Tensor {
    expectShape("CrossEntropy: targets", targets.shape, logits.shape.slice(0, -1));
    if (weights) expectShape("CrossEntropy: weights", weights.shape, targets.shape);
    const losses = this.#workspace.tensor("losses", targets.shape);
    const lse = this.#workspace.tensor("lse", targets.shape);
    const V = logits.shape.at(-1) ?? 0;
    expectRange("CrossEntropy: targets", targets, 0, V - 1);
    this.#backend.kernels.crossEntropyForward(
      { losses, lse },
      { logits, targets, weights },
      { smoothing, R: targets.size, V },
    );
    return losses;
  }

  /**
   * Mean loss in nats per token: the sum of the losses divided by `count`.
   * @param options count: the sum of the weights of the whole batch, if this is a part of it; smoothing: ε, from 0 to 1
   */
  forward(
    logits: Tensor,
    targets: Ints,
    weights?: Tensor,
    { count = countOf(targets, weights), smoothing = 0 }: { count?: number; smoothing?: number } = {},
  ): number {
    const total = this.losses(logits, targets, weights, smoothing).data.reduce((sum, x) => sum + x, 0);
    this.#saved = { logits, targets, weights, scale: 1 / count, smoothing };
    return total / count;
  }

  /** Frees its buffers. */
  free(): void {
    this.#workspace.free();
  }

  /** Sets the gradient of the mean loss (returned), which overwrites the logits. */
  backward(): Tensor {
    if (!this.#saved)
      throw new Error("CrossEntropy.backward: expected one forward pass before each backward pass, got none.");
    const { logits, targets, weights, scale, smoothing } = this.#saved;
    const lse = this.#workspace.tensor("lse", targets.shape);
    const sizes = { scale, smoothing, R: targets.size, V: logits.shape.at(-1) ?? 0 };
    this.#backend.kernels.crossEntropyBackward({ dlogits: logits }, { logits, lse, targets, weights }, sizes);
    this.#saved = undefined;
    return logits;
  }
}

/** The denominator of a mean loss: the number of targets, or the sum of their weights. */
export function countOf(targets: Ints, weights?: Tensor): number {
  return weights ? weights.data.reduce((sum, x) => sum + x, 0) : targets.size;
}
