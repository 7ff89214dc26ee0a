import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import { CrossEntropy, countOf } from "./cross-entropy.js";
import type { Layer } from "./layer.js";
import { Linear } from "./linear.js";

/** Bytes of logits that a batch may take before they are computed in parts. */
const LARGEST = 2 ** 26;

export interface TokenHeadInput {
  /** (N, T, D) */
  readonly xs: Tensor;
  /** (N, C), before the input of every step. */
  readonly context?: Tensor | undefined;
  /** (N, T) ids below V. */
  readonly targets: Ints;
  /** (N, T), or none: ones; 0 leaves a position out. */
  readonly weights?: Tensor | undefined;
}

/**
 * A model's last layer with its loss: linear, softmax, cross-entropy, to the next token's logits (N, T, V).
 *
 * Where the logits of a batch would take more than 64 MiB, they never exist whole: the loss is computed over parts of the
 * batch, a few sequences each, and the logits of each part once more on the way back. The bits are the same.
 */
export class TokenHead implements Layer {
  readonly params: readonly Param[];
  /** Gradient of the context of the last call, set by `backward`. */
  dContext: Tensor | undefined;
  readonly #backend: Backend;
  readonly #linear: Linear;
  readonly #loss: CrossEntropy;
  readonly #workspace: Workspace;
  readonly #largest: number;
  readonly #smoothing: number;
  readonly #V: number;
  #saved: { input: TokenHeadInput; count: number; parts: readonly Part[] } | undefined;

  /** @param options weight: another layer's parameter (V, C + D), to be tied to it; smoothing: of labels, in training */
  constructor(
    backend: Backend,
    { D, V, C = 0 }: { D: number; V: number; C?: number },
    {
      name = "linear",
      weight,
      smoothing = 0,
      largest = LARGEST,
    }: { name?: string; weight?: Param | undefined; smoothing?: number; largest?: number } = {},
  ) {
    this.#linear = new Linear(backend, { D, O: V, C }, name, { weight });
    this.#backend = backend;
    this.#loss = new CrossEntropy(backend);
    this.#workspace = new Workspace(backend.arena);
    this.#largest = largest;
    this.#smoothing = smoothing;
    this.#V = V;
    this.params = this.#linear.params;
  }

  /** The logits (N, T, V) of xs (N, T, D). */
  logits(xs: Tensor, context?: Tensor): Tensor {
    return this.#linear.forward(xs, context);
  }

  /** The loss of each token, (N, T) nats. */
  losses(input: TokenHeadInput): Tensor {
    const losses = this.#workspace.tensor("losses", input.targets.shape);
    for (const part of this.#split(input)) {
      const { xs, context, targets, weights } = partOf(input, part);
      const own = this.#loss.losses(this.#linear.forward(xs, context), targets, weights);
      losses.rows(part.from, part.to).data.set(own.data);
    }
    return losses;
  }

  /** The likeliest token after each step, (N, T). */
  likeliest(xs: Tensor, context?: Tensor): Ints {
    const ids = this.#workspace.ints("likeliest", xs.shape.slice(0, 2));
    for (const { from, to } of this.#split({ xs })) {
      const logits = this.#linear.forward(xs.rows(from, to), context?.rows(from, to));
      const part = ids.rows(from, to);
      this.#backend.kernels.argmax({ ids: part }, { logits }, { R: part.size, V: this.#V });
    }
    return ids;
  }

  /** The mean loss in nats per token. */
  forward(input: TokenHeadInput): number {
    const count = countOf(input.targets, input.weights);
    const parts = this.#split(input);
    this.#saved = { input, count, parts };
    return parts.reduce((sum, part) => sum + this.#forward(input, part, count), 0);
  }

  /** Sets dxs (N, T, D) (returned) and `dContext`; adds to the gradients of weight and bias. */
  backward(): Tensor {
    if (!this.#saved) throw new Error("TokenHead.backward: expected one forward pass before each backward pass.");
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

  #forward(input: TokenHeadInput, part: Part, count: number): number {
    const { xs, context, targets, weights } = partOf(input, part);
    const options = { count, smoothing: this.#smoothing };
    return this.#loss.forward(this.#linear.forward(xs, context), targets, weights, options);
  }

  /** As many sequences at a time as `largest` allows, but one at least. */
  #split({ xs }: Pick<TokenHeadInput, "xs">): Part[] {
    const [N = 0, T = 0] = xs.shape;
    const rows = Math.max(1, Math.floor(this.#largest / (4 * T * this.#V)));
    return Array.from({ length: Math.ceil(N / rows) }, (_, i) => ({ from: i * rows, to: Math.min(N, (i + 1) * rows) }));
  }
}

/** Sequences of a batch. */
interface Part {
  readonly from: number;
  readonly to: number;
}

function partOf({ xs, context, targets, weights }: TokenHeadInput, { from, to }: Part): TokenHeadInput {
  const [own, before] = [xs.rows(from, to), context?.rows(from, to)];
  return { xs: own, context: before, targets: targets.rows(from, to), weights: weights?.rows(from, to) };
}
