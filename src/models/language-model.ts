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

/** Configuration of a language model, as stored in the model file. */
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
/** Configuration of a language model. */
export type LanguageModelConfig = z.infer<typeof LanguageModelConfig>;

/** A logit of −LARGE has probability 0 and is still finite. */
const LARGE = 1e30;

/** Windows of N parallel streams: inputs (N, T), and the tokens that follow them, (N, T). */
export interface TextBatch {
  readonly inputs: Ints;
  readonly targets: Ints;
}

/** State of each recurrent layer. */
export type LanguageModelState = readonly RecurrentState[];

/**
 * Recurrent language model: embedding, recurrent layers and a linear layer, with dropout between them (but not along time).
 * It is stateful: a call continues from the state of the last one, or from zeros if `state` is undefined.
 *
 * Source: Zaremba, Sutskever & Vinyals 2014 (dropout); Press & Wolf 2017 (`tieWeights`: output layer and embedding share a weight).
 */
export class LanguageModel implements Layer {
  readonly params: readonly Param[];
  /** Phase of training: switches dropout on, and selects its random numbers. */
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

  /** Initializes all weights. @param scheme one of `initializers` */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** State after the last call; undefined before the first. Valid for the next call, not for the one after. */
  get state(): LanguageModelState | undefined {
    const states = this.#cells.map(({ state }) => state).filter((state) => state !== undefined);
    return states.length < this.#cells.length ? undefined : states;
  }

  /** Restores a state; undefined resets it to zeros. */
  set state(states: LanguageModelState | undefined) {
    for (const [i, cell] of this.#cells.entries()) cell.state = states?.[i];
  }

  /** Copies the state, so that it can be restored later. The copy is valid until this is called again. */
  keepState(): LanguageModelState | undefined {
    const copy = (name: string, tensor: Tensor): Tensor => {
      const kept = this.#workspace.tensor(name, tensor.shape);
      kept.data.set(tensor.data);
      return kept;
    };
    return this.state?.map(({ h, c }, layer) => ({ h: copy(`h${layer}`, h), c: c && copy(`c${layer}`, c) }));
  }

  /** Logits (N, T, V) of the token after each of `inputs` (N, T). */
  logits(inputs: Ints): Tensor {
    return this.#output.logits(this.#hidden(inputs));
  }

  /** Resets the state at the start of an epoch. */
  beginEpoch(): void {
    this.state = undefined;
  }

  /** Mean loss in nats per token. */
  forward({ inputs, targets }: TextBatch): number {
    return this.#output.forward({ xs: this.#hidden(inputs), targets });
  }

  /** Adds the gradient of the last loss to the gradients of all parameters. It is truncated at the first step of the window. */
  backward(): void {
    const [before, ...between] = this.#dropouts;
    let dxs: Tensor | undefined = this.#output.backward();
    for (const [i, cell] of [...this.#cells.entries()].reverse()) {
      if (!dxs) throw new Error("LanguageModel.backward: expected a gradient.");
      dxs = cell.backward(between[i]?.backward(dxs) ?? dxs);
    }
    if (dxs && before) this.#embedding.backward(before.backward(dxs));
  }

  /** Loss of each token, (N, T) in nats. Keeps nothing for `backward`. */
  losses({ inputs, targets }: TextBatch): Float32Array {
    return this.#output.losses({ xs: this.#hidden(inputs), targets }).data;
  }

  /** Logits (V) after some more tokens. Updates the state. Valid until the next call. */
  read(ids: readonly number[]): Tensor {
    const { vocabSize: V } = this.config;
    const inputs = this.#workspace.ints("inputs", [1, ids.length]);
    inputs.data.set(ids);
    const logits = this.logits(inputs);
    return new Tensor(logits.arena, logits.offset + 4 * (ids.length - 1) * V, [V]);
  }

  /**
   * Probability (V) of each token to follow some more tokens. Updates the state. Valid until the next call.
   *
   * @param suppressed tokens whose probability is set to 0
   */
  probabilities(ids: readonly number[], temperature = 1, suppressed: Iterable<number> = []): Float32Array {
    const { vocabSize: V } = this.config;
    const logits = this.read(ids);
    const xs = logits.data;
    for (const id of suppressed) xs[id] = -LARGE; // before softmax takes the maximum, so that the others keep their precision
    const ys = this.#workspace.tensor("probabilities", [V]);
    this.#backend.kernels.softmax({ ys }, { xs: logits }, { temperature, R: 1, V });
    return ys.data;
  }

  /** Input of the output layer, (N, T, H). */
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
