import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import { CrossEntropy, countOf } from "./cross-entropy.js";
import type { Layer } from "./layer.js";
import { Linear } from "./linear.js";

/** Default for the largest size of the logits, in bytes. */
const MAX_LOGIT_BYTES = 2 ** 26;

/** Choices of weight tying: none, the embedding as the last weight, or the source's embedding as well. */
export const weightTyings = ["none", "output", "all"] as const;

/** A batch for `TokenHead`. */
export interface TokenHeadInput {
  /** Hidden states (N, T, D). */
  readonly xs: Tensor;
  /** Context (N, C), concatenated with the hidden state of every step. */
  readonly context?: Tensor | undefined;
  /** Target ids (N, T), from 0 to V − 1. */
  readonly targets: Ints;
  /** Weights (N, T): 0 excludes a position. @default ones */
  readonly weights?: Tensor | undefined;
}

/**
 * Head that predicts the next token: a linear layer to logits (N, T, V), softmax and cross-entropy.
 *
 * Logits that would take more than 64 MiB are computed for a few sequences at a time, once in `forward` and again in
 * `backward`. In float32 the gradients have the same bits as without the split.
 */
export class TokenHead implements Layer {
  readonly params: readonly Param[];
  /** Gradient of the context of the last call, set by `backward`. */
  dContext: Tensor | undefined;
  readonly #backend: Backend;
  readonly #linear: Linear;
  readonly #loss: CrossEntropy;
  readonly #workspace: Workspace;
  readonly #maxLogitBytes: number;
  readonly #labelSmoothing: number;
  readonly #V: number;
  #saved: { input: TokenHeadInput; count: number; parts: readonly BatchRange[] } | undefined;

  /**
   * @param sizes D: hidden size; V: vocabulary size; C: context size. @default C = 0
   * @param options weight: another layer's parameter (V, C + D) to tie; labelSmoothing: label smoothing in training, 0 to 1;
   *   maxLogitBytes: largest size of the logits. @default labelSmoothing 0, maxLogitBytes 64 MiB
   */
  constructor(
    backend: Backend,
    { D, V, C = 0 }: { D: number; V: number; C?: number },
    {
      name = "linear",
      weight,
      labelSmoothing = 0,
      maxLogitBytes = MAX_LOGIT_BYTES,
    }: { name?: string; weight?: Param | undefined; labelSmoothing?: number; maxLogitBytes?: number } = {},
  ) {
    this.#linear = new Linear(backend, { D, O: V, C }, name, { weight });
    this.#backend = backend;
    this.#loss = new CrossEntropy(backend);
    this.#workspace = new Workspace(backend.arena);
    this.#maxLogitBytes = maxLogitBytes;
    this.#labelSmoothing = labelSmoothing;
    this.#V = V;
    this.params = this.#linear.params;
  }

  /** Returns the logits (N, T, V) of xs (N, T, D). */
  logits(xs: Tensor, context?: Tensor): Tensor {
    return this.#linear.forward(xs, context);
  }

  /** Loss of each token (N, T), in nats, without label smoothing. */
  losses(input: TokenHeadInput): Tensor {
    const losses = this.#workspace.tensor("losses", input.targets.shape);
    for (const part of this.#split(input)) {
      const { xs, context, targets, weights } = partOf(input, part);
      const own = this.#loss.losses(this.#linear.forward(xs, context), targets, weights);
      losses.rows(part.from, part.to).data.set(own.data);
    }
    return losses;
  }

  /** Most probable token after each step, (N, T); the lowest id on a tie. */
  argmax(xs: Tensor, context?: Tensor): Ints {
    const ids = this.#workspace.ints("argmax", xs.shape.slice(0, 2));
    for (const { from, to } of this.#split({ xs })) {
      const logits = this.#linear.forward(xs.rows(from, to), context?.rows(from, to));
      const part = ids.rows(from, to);
      this.#backend.kernels.argmax({ ids: part }, { logits }, { R: part.size, V: this.#V });
    }
    return ids;
  }

  /** Mean loss in nats per token. */
  forward(input: TokenHeadInput): number {
    const count = countOf(input.targets, input.weights);
    const parts = this.#split(input);
    this.#saved = { input, count, parts };
    return parts.reduce((sum, part) => sum + this.#forward(input, part, count), 0);
  }

  /** Sets dxs (N, T, D) (returned) and `dContext`, adds to the gradients of weight and bias. */
  backward(): Tensor {
    if (!this.#saved)
      throw new Error("TokenHead.backward: expected one forward pass before each backward pass, got none.");
    const { input, count, parts } = this.#saved;
    this.#saved = undefined;
    if (parts.length === 1) {
      const dxs = this.#linear.backward(this.#loss.backward());
      this.dContext = this.#linear.dContext;
      return dxs;
    }
    const dxs = this.#workspace.tensor("dxs", input.xs.shape);
    this.dContext = input.context && this.#workspace.tensor("dContext", input.context.shape);
    for (const part of parts) {
      this.#forward(input, part, count);
      dxs.rows(part.from, part.to).data.set(this.#linear.backward(this.#loss.backward()).data);
      const { dContext } = this.#linear;
      if (dContext) this.dContext?.rows(part.from, part.to).data.set(dContext.data);
    }
    return dxs;
  }

  #forward(input: TokenHeadInput, part: BatchRange, count: number): number {
    const { xs, context, targets, weights } = partOf(input, part);
    const options = { count, smoothing: this.#labelSmoothing };
    return this.#loss.forward(this.#linear.forward(xs, context), targets, weights, options);
  }

  /** Splits a batch into as many sequences at a time as `maxLogitBytes` allows, at least one. */
  #split({ xs }: Pick<TokenHeadInput, "xs">): BatchRange[] {
    const [N = 0, T = 0] = xs.shape;
    const rows = Math.max(1, Math.floor(this.#maxLogitBytes / (4 * T * this.#V)));
    return Array.from({ length: Math.ceil(N / rows) }, (_, i) => ({ from: i * rows, to: Math.min(N, (i + 1) * rows) }));
  }
}

/** A range of sequences of a batch, `to` not included. */
interface BatchRange {
  readonly from: number;
  readonly to: number;
}

function partOf({ xs, context, targets, weights }: TokenHeadInput, { from, to }: BatchRange): TokenHeadInput {
  const [own, before] = [xs.rows(from, to), context?.rows(from, to)];
  return { xs: own, context: before, targets: targets.rows(from, to), weights: weights?.rows(from, to) };
}
