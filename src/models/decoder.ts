import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { makeAttentionMemory, type Scoring } from "../engine/layers/attention.js";
import type { AttentionMemory } from "../engine/layers/attention-memory.js";
import { Dropout } from "../engine/layers/dropout.js";
import { Embedding } from "../engine/layers/embedding.js";
import type { Layer } from "../engine/layers/layer.js";
import type { RecurrentState } from "../engine/layers/recurrent.js";
import { TokenHead, type TokenHeadInput } from "../engine/layers/token-head.js";
import type { Ints, Param, Tensor } from "../engine/tensor.js";
import { DecoderStack } from "./decoder-stack.js";
import { type DropoutOptions, type Encoded, type EncodedGradient, noDropout, type Sizes } from "./encoder.js";
import { FeedingStack } from "./feeding-stack.js";

/** How a decoder sees what the encoder has read, besides starting from its states. */
export interface DecoderOptions {
  /**
   * - `plain`: not at all.
   * - `peeky`: its last hidden state, in every step, before the first recurrent and before the linear layer.
   * - `attention`: a weighted mean over all positions, anew in every step.
   *
   * Source: Sutskever, Vinyals & Le 2014; Cho et al. 2014, figure 1; Luong, Pham & Manning 2015.
   */
  readonly decoder?: "plain" | "peeky" | "attention";
  /** @default "dot" */
  readonly attentionScore?: Scoring;
  /** Whether attention and hidden state are combined by a layer; left out, they stand side by side. */
  readonly attentionalHidden?: boolean;
  /** Whether each step is shown the output of the step before; needs `combine`. */
  readonly inputFeeding?: boolean;
  /** Whether the embedding is the last weight too; then what the last layer sees has size D. */
  readonly tied?: boolean;
  /** Of labels, in training. */
  readonly labelSmoothing?: number;
}

/** What a decoder has in common with its encoder. */
export interface Shared {
  /** An embedding. */
  readonly embedding?: Param | undefined;
  /** A stack whose recurrent layers have the decoder's parameters. */
  readonly stack?: DecoderStack | undefined;
}

/** Token ids in, and the ids after each. */
export interface DecoderBatch {
  /** (N, T) */
  readonly inputs: Ints;
  /** (N, T) */
  readonly labels: Ints;
  /** (N, T): 0 for padding; undefined: there is none. */
  readonly weights?: Tensor | undefined;
}

/** Dropout masks of a decoder come after those of any encoder. */
const FIRST_STREAM = 64;

/** Writes a sequence, starting from the encoder's states: ids (N, T) in, the next id's logits (N, T, V) out. */
export class Decoder implements Layer {
  readonly params: readonly Param[];
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #embedding: Embedding;
  readonly #dropout: Dropout;
  readonly #memory: AttentionMemory | undefined;
  readonly #stack: DecoderStack | FeedingStack;
  readonly #output: TokenHead;
  readonly #isPeeky: boolean;
  #context: Tensor | undefined;
  #turn = 0;

  constructor(
    backend: Backend,
    { V, D, H, cell = "lstm", layers = 1 }: Sizes,
    options: DecoderOptions = {},
    dropout: DropoutOptions = noDropout,
    { embedding, stack }: Shared = {},
  ) {
    const {
      decoder = "plain",
      attentionScore: scoring = "dot",
      attentionalHidden,
      inputFeeding,
      tied = false,
      labelSmoothing = 0,
    } = options;
    const { phase, ...mask } = dropout;
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#isPeeky = decoder === "peeky";
    this.#embedding = new Embedding(backend, { V, D }, "decoder.embedding", embedding ?? tied);
    this.#dropout = new Dropout(backend, phase, { ...mask, stream: FIRST_STREAM });
    const looks = decoder === "attention";
    this.#memory = looks ? makeAttentionMemory(backend, scoring, H, "decoder.attention") : undefined;
    const combined = tied ? D : H;
    const C = this.#isPeeky ? H : 0;
    const sizes = { D, H, cell, layers, C, scoring: looks ? scoring : undefined };
    this.#stack = inputFeeding
      ? new FeedingStack(backend, { ...sizes, combined }, dropout, FIRST_STREAM + 1, stack)
      : new DecoderStack(
          backend,
          { ...sizes, combined: attentionalHidden ? combined : undefined },
          dropout,
          FIRST_STREAM + 1,
          stack,
        );
    const weight = tied ? this.#embedding.params[0] : undefined;
    const last = { name: "decoder.linear", weight, labelSmoothing };
    this.#output = new TokenHead(backend, { D: this.#stack.width, V, C }, last);
    const parts: (Layer | undefined)[] = [this.#embedding, this.#memory, this.#stack, this.#output];
    this.params = [...new Set(parts.flatMap((part) => part?.params ?? []))];
  }

  /** The mean loss in nats per counted token of `labels`, with smoothing. */
  forward(batch: DecoderBatch, encoded: Encoded): number {
    return this.#output.forward(this.#read(batch, encoded));
  }

  /** The loss of each token, (N, T) nats, without smoothing, and without keeping anything for `backward`. */
  losses(batch: DecoderBatch, encoded: Encoded): Tensor {
    return this.#output.losses(this.#read(batch, encoded));
  }

  /** The most probable id after each of `inputs` (N, T). */
  mostProbable(inputs: Ints, encoded: Encoded): Ints {
    this.start(encoded);
    return this.#output.argmax(this.#hidden(inputs), this.#context);
  }

  /** Makes the next step start from what was encoded, with B rows for each row of it. */
  start({ states, hs, lengths }: Encoded, B = 1): void {
    this.#memory?.read(hs, lengths);
    const rows = B === 1 ? undefined : this.#repeated(hs.shape[0] ?? 0, B);
    const choose = (name: string, tensor: Tensor): Tensor => (rows ? this.#choose(name, tensor, rows) : tensor);
    this.#stack.states = mapStates(states, choose);
    const last = states.at(-1);
    this.#context = this.#isPeeky && last ? choose("context", last.h) : undefined;
  }

  /** The logits (R, T, V) after `ids` (R, T); goes on from where the last call ended. */
  step(ids: Ints): Tensor {
    return this.#output.logits(this.#hidden(ids), this.#context);
  }

  /** Makes row r go on from what row parents[r] has read, a row of the same source. */
  reorder(parents: Ints): void {
    this.#turn = 1 - this.#turn;
    const choose = (name: string, tensor: Tensor): Tensor => this.#choose(name, tensor, parents);
    const states = mapStates(this.#stack.states, choose);
    if (this.#stack instanceof FeedingStack) this.#stack.replace(choose, states);
    else this.#stack.states = states;
  }

  /** How much the last steps looked at each position of the source, (R, T, S). */
  get attention(): Tensor | undefined {
    return this.#stack.attention;
  }

  /** Of each layer after the last step, of R rows. They live until the second-next call. */
  get states(): readonly RecurrentState[] {
    return this.#stack.states;
  }

  /** Adds to the gradients of all parameters. @returns the gradient of what was encoded */
  backward(): EncodedGradient {
    const dxs = this.#stack.backward(this.#output.backward());
    if (dxs) this.#embedding.backward(this.#dropout.backward(dxs));
    const states = this.#stack.dStates;
    const last = states.at(-1)?.h;
    for (const dContext of [this.#stack.dContext, this.#output.dContext])
      if (dContext && last) this.#backend.kernels.accumulate({ ys: last }, { xs: dContext }, { R: dContext.size });
    return { states, hs: this.#memory?.backward() };
  }

  #read({ inputs, labels: targets, weights }: DecoderBatch, encoded: Encoded): TokenHeadInput {
    this.start(encoded);
    return { xs: this.#hidden(inputs), context: this.#context, targets, weights };
  }

  #hidden(ids: Ints): Tensor {
    const [context, memory] = [this.#context, this.#memory];
    if (this.#stack instanceof FeedingStack || this.#dropout.isActive)
      return this.#stack.forward(this.#dropout.forward(this.#embedding.forward(ids)), { context, memory });
    return this.#stack.forward(this.#embedding.sequence(ids), { context, memory });
  }

  /** Rows of (N, …) by their numbers. They may be those that the last `reorder` gave, so it uses other buffers. */
  #choose(name: string, tensor: Tensor, rows: Ints): Tensor {
    const [N = 1, ...rest] = tensor.shape;
    const chosen = this.#workspace.tensor(`${name} ${this.#turn}`, [rows.size, ...rest]);
    const sizes = { R: rows.size, D: tensor.size / N };
    this.#backend.kernels.embeddingForward({ ys: chosen }, { ids: rows, weight: tensor }, sizes);
    return chosen;
  }

  #repeated(N: number, B: number): Ints {
    const rows = this.#workspace.ints("rows", [N * B]);
    rows.data.set(Int32Array.from({ length: N * B }, (_, r) => Math.floor(r / B)));
    return rows;
  }
}

function mapStates(
  states: readonly RecurrentState[],
  choose: (name: string, tensor: Tensor) => Tensor,
): RecurrentState[] {
  return states.map(({ h, c }, layer) => ({ h: choose(`h${layer}`, h), c: c && choose(`c${layer}`, c) }));
}
