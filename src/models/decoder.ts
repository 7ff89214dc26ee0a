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
import { type DropoutOptions, type Encoded, type EncodedGradient, type LayerSizes, noDropout } from "./encoder.js";
import { FeedingStack } from "./feeding-stack.js";

/** Options of a decoder. */
export interface DecoderOptions {
  /**
   * Access to the encoder output, besides the initial states:
   *
   * - `plain`: none.
   * - `peeky`: its last hidden state, in every step, concatenated to the input of the first recurrent and the linear layer.
   * - `attention`: a weighted mean over all positions, with new weights in every step.
   *
   * @default "plain"
   * Source: Sutskever, Vinyals & Le 2014; Cho et al. 2014, figure 1; Luong, Pham & Manning 2015.
   */
  readonly decoder?: "plain" | "peeky" | "attention";
  /** Scoring function of the attention. @default "dot" */
  readonly attentionScore?: Scoring;
  /** Combine context and hidden state by a tanh layer instead of concatenating them. @default false */
  readonly attentionalHidden?: boolean;
  /** Feed the attentional hidden state of each step to the next one; needs `attentionalHidden`. @default false */
  readonly inputFeeding?: boolean;
  /** Tie the weight of the output layer to the embedding; the input of the output layer then has size D. @default false */
  readonly tied?: boolean;
  /** Label smoothing in training, from 0 to below 1. @default 0 */
  readonly labelSmoothing?: number;
}

/** Parameters that a decoder shares with its encoder. */
export interface SharedWeights {
  /** Weight of the embedding. */
  readonly embedding?: Param | undefined;
  /** A stack whose recurrent layers are shared. */
  readonly stack?: DecoderStack | undefined;
}

/** Inputs of a decoder and the labels to predict. */
export interface DecoderBatch {
  /** Ids (N, T). */
  readonly inputs: Ints;
  /** Ids (N, T) that follow the inputs. */
  readonly labels: Ints;
  /** (N, T): 1 for tokens, 0 for padding; undefined: no padding. */
  readonly weights?: Tensor | undefined;
}

/** First random stream of the dropout masks, above those of any encoder. */
const FIRST_STREAM = 64;

/** Decoder that starts from the states of an encoder: ids (N, T) in, logits of the next ids (N, T, V) out. */
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
    { V, D, H, cell = "lstm", layers = 1 }: LayerSizes,
    options: DecoderOptions = {},
    dropout: DropoutOptions = noDropout,
    { embedding, stack }: SharedWeights = {},
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
    const hasAttention = decoder === "attention";
    this.#memory = hasAttention ? makeAttentionMemory(backend, scoring, H, "decoder.attention") : undefined;
    const combined = tied ? D : H;
    const C = this.#isPeeky ? H : 0;
    const sizes = { D, H, cell, layers, C, scoring: hasAttention ? scoring : undefined };
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

  /** Mean loss in nats per label, with label smoothing; padding does not count. */
  forward(batch: DecoderBatch, encoded: Encoded): number {
    return this.#output.forward(this.#read(batch, encoded));
  }

  /** Loss of each label, (N, T) in nats, without label smoothing. Keeps nothing for `backward`. */
  losses(batch: DecoderBatch, encoded: Encoded): Tensor {
    return this.#output.losses(this.#read(batch, encoded));
  }

  /** Most probable id after each of `inputs` (N, T). */
  mostProbable(inputs: Ints, encoded: Encoded): Ints {
    this.start(encoded);
    return this.#output.argmax(this.#hidden(inputs), this.#context);
  }

  /** Starts from an encoder output, with B rows for each of its rows. */
  start({ states, hs, lengths }: Encoded, B = 1): void {
    this.#memory?.read(hs, lengths);
    const rows = B === 1 ? undefined : this.#repeated(hs.shape[0] ?? 0, B);
    const choose = (name: string, tensor: Tensor): Tensor => (rows ? this.#choose(name, tensor, rows) : tensor);
    this.#stack.states = mapStates(states, choose);
    const last = states.at(-1);
    this.#context = this.#isPeeky && last ? choose("context", last.h) : undefined;
  }

  /** Logits (R, T, V) after `ids` (R, T). Continues from the state of the last call. */
  step(ids: Ints): Tensor {
    return this.#output.logits(this.#hidden(ids), this.#context);
  }

  /** Makes row r continue from the state of row parents[r], which has the same source. */
  reorder(parents: Ints): void {
    this.#turn = 1 - this.#turn;
    const choose = (name: string, tensor: Tensor): Tensor => this.#choose(name, tensor, parents);
    const states = mapStates(this.#stack.states, choose);
    if (this.#stack instanceof FeedingStack) this.#stack.replace(choose, states);
    else this.#stack.states = states;
  }

  /** Attention weights of the last call, (R, T, S); undefined without attention. */
  get attention(): Tensor | undefined {
    return this.#stack.attention;
  }

  /** State of each layer after the last step, with R rows. Valid for the next call, not for the one after. */
  get states(): readonly RecurrentState[] {
    return this.#stack.states;
  }

  /** Adds to the gradients of all parameters. @returns the gradient of the encoder output */
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

  /** Gathers rows of (N, …). They may be the result of the last `reorder`, so the buffers alternate. */
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
