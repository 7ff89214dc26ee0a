import * as z from "zod/mini";
import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { cells } from "../engine/layers/cells.js";
import { Dropout, type Phase } from "../engine/layers/dropout.js";
import { Embedding } from "../engine/layers/embedding.js";
import { type InitializerName, initialize } from "../engine/layers/initialize.js";
import type { Layer } from "../engine/layers/layer.js";
import type { Recurrent, RecurrentState } from "../engine/layers/recurrent.js";
import { TokenHead, weightTyings } from "../engine/layers/token-head.js";
import { Random } from "../engine/random.js";
import { type Ints, type Param, Tensor } from "../engine/tensor.js";

/** What a language model is made of: all of it stands in the model file. */
export const LanguageModelConfig = z.object({
  kind: z.literal("language-model"),
  cell: z._default(z.enum(["lstm", "gru", "rnn"]), "lstm"),
  layers: z.int().check(z.minimum(1), z.maximum(16)),
  vocabSize: z.int().check(z.minimum(1)),
  embeddingSize: z.int().check(z.minimum(1)),
  hiddenSize: z.int().check(z.minimum(1)),
  dropout: z.number().check(z.minimum(0), z.lt(1)),
  tieWeights: z.enum(weightTyings),
});
export type LanguageModelConfig = z.infer<typeof LanguageModelConfig>;

/** Minus this is a logit that leaves no probability, and still a finite number. */
const LARGE = 1e30;

/** Windows of N parallel streams: inputs (N, T), and the tokens that come next, (N, T). */
export interface TextBatch {
  readonly inputs: Ints;
  readonly targets: Ints;
}

/** The state of each layer. */
export type LanguageModelState = readonly RecurrentState[];

/**
 * Predicts each next token of a text: embedding, recurrent layers, linear layer, with dropout between them (and nowhere
 * along time). A call goes on where the last one ended: `state` undefined starts anew.
 *
 * Source: Zaremba, Sutskever & Vinyals 2014 (dropout); Press & Wolf 2017 (`tieWeights`: the embedding is the last weight too).
 */
export class LanguageModel implements Layer {
  readonly params: readonly Param[];
  /** Whether dropout is at work, and in which step. */
  readonly phase: Phase = { training: false, step: 0, done: 0 };
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #embedding: Embedding;
  readonly #cells: readonly Recurrent[];
  readonly #dropouts: readonly Dropout[];
  readonly #output: TokenHead;

  /** @param seed of the dropout masks */
  constructor(
    backend: Backend,
    readonly config: LanguageModelConfig,
    seed = 0,
  ) {
    const { vocabSize: V, embeddingSize: D, hiddenSize: H, layers, dropout: rate, tieWeights } = config;
    const isTied = tieWeights !== "none";
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#embedding = new Embedding(backend, { V, D }, "embedding", isTied);
    const numbers = Array.from({ length: layers }, (_, layer) => layer);
    const Cell = cells[config.cell];
    this.#cells = numbers.map(
      (layer) => new Cell(backend, { D: layer === 0 ? D : H, H, stateful: true }, config.cell, layer),
    );
    this.#dropouts = [...numbers, layers].map((stream) => new Dropout(backend, this.phase, { rate, seed, stream }));
    this.#output = new TokenHead(backend, { D: H, V }, { weight: isTied ? this.#embedding.params[0] : undefined });
    const parts: Layer[] = [this.#embedding, ...this.#cells, this.#output];
    this.params = [...new Set(parts.flatMap(({ params }) => params))];
  }

  /** Draws all weights anew; `initializers` says how. */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** The state that goes on from call to call; undefined before the first. It lives until the second-next call. */
  get state(): LanguageModelState | undefined {
    const states = this.#cells.map(({ state }) => state).filter((state) => state !== undefined);
    return states.length < this.#cells.length ? undefined : states;
  }

  /** Restores a state, or with undefined starts anew. */
  set state(states: LanguageModelState | undefined) {
    for (const [i, cell] of this.#cells.entries()) cell.state = states?.[i];
  }

  /** A copy of the state that lives until this is called again: to be put back after other work. */
  keepState(): LanguageModelState | undefined {
    const copy = (name: string, tensor: Tensor): Tensor => {
      const kept = this.#workspace.tensor(name, tensor.shape);
      kept.data.set(tensor.data);
      return kept;
    };
    return this.state?.map(({ h, c }, layer) => ({ h: copy(`h${layer}`, h), c: c && copy(`c${layer}`, c) }));
  }

  /** The logits (N, T, V) of the token after each of `inputs` (N, T). */
  logits(inputs: Ints): Tensor {
    return this.#output.logits(this.#hidden(inputs));
  }

  /** An epoch begins without a state. */
  beginEpoch(): void {
    this.state = undefined;
  }

  /** The mean loss in nats per token. */
  forward({ inputs, targets }: TextBatch): number {
    return this.#output.forward({ xs: this.#hidden(inputs), targets });
  }

  /** Adds the gradient of the last loss to the gradients of all parameters. It ends at the window's first step. */
  backward(): void {
    const [before, ...between] = this.#dropouts;
    let dxs: Tensor | undefined = this.#output.backward();
    for (const [i, cell] of [...this.#cells.entries()].reverse()) {
      if (!dxs) throw new Error("LanguageModel.backward: expected a gradient.");
      dxs = cell.backward(between[i]?.backward(dxs) ?? dxs);
    }
    if (dxs && before) this.#embedding.backward(before.backward(dxs));
  }

  /** The loss of each token, (N, T) nats, without keeping anything for `backward`. */
  losses({ inputs, targets }: TextBatch): Float32Array {
    return this.#output.losses({ xs: this.#hidden(inputs), targets }).data;
  }

  /** The logits (V) after reading some tokens one after another; the state goes on. They live until the next call. */
  read(ids: readonly number[]): Tensor {
    const { vocabSize: V } = this.config;
    const inputs = this.#workspace.ints("inputs", [1, ids.length]);
    inputs.data.set(ids);
    const logits = this.logits(inputs);
    return new Tensor(logits.arena, logits.offset + 4 * (ids.length - 1) * V, [V]);
  }

  /**
   * The probability of each token (V) to be the next after these; the state goes on. They live until the next call.
   * @param skipped tokens that shall have none
   */
  probabilities(ids: readonly number[], temperature = 1, skipped: Iterable<number> = []): Float32Array {
    const { vocabSize: V } = this.config;
    const logits = this.read(ids);
    const xs = logits.data;
    for (const id of skipped) xs[id] = -LARGE; // before the maximum is taken: else it may leave nothing to the others
    const ys = this.#workspace.tensor("probabilities", [V]);
    this.#backend.kernels.softmax({ ys }, { xs: logits }, { temperature, R: 1, V });
    return ys.data;
  }

  /** What the last layer sees, (N, T, H). */
  #hidden(inputs: Ints): Tensor {
    const { dropout } = this.config;
    const [before, ...between] = this.#dropouts;
    const input = dropout && this.phase.training ? this.#embedding.forward(inputs) : this.#embedding.sequence(inputs);
    let xs = before && input instanceof Tensor ? before.forward(input) : input;
    for (const [i, cell] of this.#cells.entries()) {
      const hs = cell.forward(xs);
      xs = between[i]?.forward(hs) ?? hs;
    }
    if (!(xs instanceof Tensor)) throw new Error("LanguageModel: expected a layer.");
    return xs;
  }
}
