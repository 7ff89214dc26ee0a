import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import type { Param, Tensor } from "../tensor.js";
import { AttentionMemory } from "./attention-memory.js";
import { type Layer, makeParam } from "./layer.js";
import { Linear } from "./linear.js";

/**
 * Score functions of attention, for a query q and a source position with the value v.
 * - `dot`: q·v
 * - `general`: q·(W v)
 * - `scaled`: q·(W v)/√H, which keeps the softmax from saturating early in training
 * - `additive`: u·tanh(Q q + b + K v)
 *
 * Source: Luong, Pham & Manning 2015, equation 8; Vaswani et al. 2017, equation 1; Bahdanau, Cho & Bengio 2015, section
 * A.1.2.
 */
export const scorings = {
  dot: { projectsKeys: false, isAdditive: false, isScaled: false },
  general: { projectsKeys: true, isAdditive: false, isScaled: false },
  scaled: { projectsKeys: true, isAdditive: false, isScaled: true },
  additive: { projectsKeys: true, isAdditive: true, isScaled: false },
} as const;
/** Name of a score function. */
export type Scoring = keyof typeof scorings;

/** Creates the memory for an attention with this score function and hidden size H. */
export function makeAttentionMemory(
  backend: Backend,
  scoring: Scoring,
  H: number,
  name = "attention",
): AttentionMemory {
  return new AttentionMemory(backend, { H, A: scorings[scoring].projectsKeys ? H : undefined }, name);
}

/**
 * Attention: for each query, a weighted mean of the values in a memory.
 *
 *     weights = softmax over s of score(query_t, value_s)        (N, T, S), 0 for padding
 *     contexts = weights·values                                (N, T, H)
 *
 * Queries (N, T, H). Keeps N·T·S + 2·N·T·H floats between calls.
 */
export class Attention implements Layer {
  readonly params: readonly Param[];
  /** Attention weights of the last call (N, T, S). */
  weights: Tensor | undefined;
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #H: number;
  readonly #scale: number;
  /** Parameters of additive scores. */
  readonly #additive: { readonly query: Linear; readonly vector: Param } | undefined;
  #saved: { queries: Tensor; memory: AttentionMemory } | undefined;

  /** @param tiedTo an attention with the same score function, whose parameters are shared */
  constructor(backend: Backend, scoring: Scoring, H: number, name = "attention", tiedTo?: Attention) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#H = H;
    this.#scale = scorings[scoring].isScaled ? 1 / Math.sqrt(H) : 1;
    const [weight, bias, vector] = tiedTo?.params ?? [];
    if (scorings[scoring].isAdditive)
      this.#additive = {
        query: new Linear(backend, { D: H, O: H }, `${name}.query`, { weight, bias }),
        vector: vector ?? makeParam(backend.arena, `${name}.vector`, [1, H]),
      };
    this.params = this.#additive ? [...this.#additive.query.params, this.#additive.vector] : [];
  }

  /** Returns the contexts (N, T, H) of queries (N, T, H); sets `weights`. @throws ShapeError for another shape */
  forward(queries: Tensor, memory: AttentionMemory): Tensor {
    const { values, keys, lengths } = memory;
    const [N = 0, S = 0, H = 0] = values.shape;
    expectShape("Attention.forward: queries", queries.shape, [N, "T", this.#H]);
    const T = queries.shape[1] ?? 0;
    const { kernels } = this.#backend;
    const weights = this.#workspace.tensor("weights", [N, T, S]);
    const contexts = this.#workspace.tensor("contexts", [N, T, H]);
    const projected = this.#additive?.query.forward(queries) ?? queries;
    const reads = { queries: projected, keys, lengths };
    const sizes = { N, T, S, A: keys.shape[2] ?? 0 };
    if (this.#additive)
      kernels.additiveScoresForward({ scores: weights }, { ...reads, vector: this.#additive.vector.value }, sizes);
    else kernels.dotScoresForward({ scores: weights }, reads, sizes);
    kernels.attendForward(
      { weights, contexts },
      { scores: weights, values, lengths },
      { scale: this.#scale, N, T, S, H },
    );
    this.weights = weights;
    this.#saved = { queries: projected, memory };
    return contexts;
  }

  /** Sets dqueries (returned), adds to the gradients of the memory and of the parameters. */
  backward(dcontexts: Tensor): Tensor {
    const { weights } = this;
    if (!this.#saved || !weights)
      throw new Error("Attention.backward: expected one forward pass before each backward pass, got none.");
    const { queries, memory } = this.#saved;
    const { values, keys, lengths } = memory;
    const { kernels } = this.#backend;
    const [N = 0, T = 0, S = 0] = weights.shape;
    const [A = 0, H = 0] = [keys.shape[2], values.shape[2]];
    const gradients = memory.gradients();
    const dscores = this.#workspace.tensor("dscores", weights.shape);
    const dqueries = this.#workspace.tensor("dqueries", queries.shape);
    kernels.attendBackward(
      { dscores, dvalues: gradients.dvalues },
      { dcontexts, weights, values, lengths },
      { scale: this.#scale, N, T, S, H },
    );
    const writes = { dqueries, dkeys: gradients.dkeys };
    const reads = { dscores, queries, keys, lengths };
    if (this.#additive) {
      const { value: vector, grad: dvector } = this.#additive.vector;
      kernels.additiveScoresBackward({ ...writes, dvector }, { ...reads, vector }, { N, T, S, A });
    } else kernels.dotScoresBackward(writes, reads, { N, T, S, A });
    memory.add(gradients);
    this.#saved = undefined;
    return this.#additive?.query.backward(dqueries) ?? dqueries;
  }
}
