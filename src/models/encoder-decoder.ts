import * as z from "zod/mini";
import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { keysOf } from "../engine/check-options.js";
import { expectShape } from "../engine/errors.js";
import { scorings } from "../engine/layers/attention.js";
import type { Phase } from "../engine/layers/dropout.js";
import { type InitializerName, initialize } from "../engine/layers/initialize.js";
import { expectRange, type Layer } from "../engine/layers/layer.js";
import { weightTyings } from "../engine/layers/token-head.js";
import { Random } from "../engine/random.js";
import type { Ints, Param, Tensor } from "../engine/tensor.js";
import { Decoder, type DecoderBatch } from "./decoder.js";
import type { DecoderStack } from "./decoder-stack.js";
import type { DropoutOptions, Encoded, EncodedGradient } from "./encoder.js";

const size = z.int().check(z.minimum(1));

/** What the decoder is made of, in the configuration of every model that has one; older files lack what has a default. */
export const decoderFields = {
  cell: z._default(z.enum(["lstm", "gru", "rnn"]), "lstm"),
  layers: z._default(z.int().check(z.minimum(1), z.maximum(16)), 1),
  decoder: z.enum(["plain", "peeky", "attention"]),
  attentionScore: z._default(z.enum(keysOf(scorings)), "dot"),
  attentionalHidden: z._default(z.boolean(), false),
  inputFeeding: z._default(z.boolean(), false),
  tieWeights: z._default(z.enum(weightTyings), "none"),
  dropout: z._default(z.number().check(z.minimum(0), z.lt(1)), 0),
  targetVocabSize: size,
  embeddingSize: size,
  hiddenSize: size,
};
const DecoderConfig = z.object(decoderFields);
export type DecoderConfig = z.infer<typeof DecoderConfig>;

/** What is read and what is to be written: target (N, T + 1), which begins with the start token. */
export interface PairBatch {
  /** Ids (N, S), frames (N, S, D) or pictures (N, Y, X, C): what the encoder reads. */
  readonly source: Ints | Tensor;
  readonly target: Ints;
  /** (N) how many tokens each row of `source` has, at least 1; undefined: all S. The rest is padding, any tokens. */
  readonly sourceLengths?: Ints | undefined;
  /** (N) how many tokens each row of `target` has, the start token among them, at least 2; undefined: all T + 1. */
  readonly targetLengths?: Ints | undefined;
}

/** What training asks of a model beyond its configuration. */
export interface DecoderTraining {
  /** Of dropout masks and of scheduled sampling. @default 0 */
  readonly seed?: number;
  /** Of labels: the share of the target that is spread over all tokens (Szegedy et al. 2016). @default 0 */
  readonly labelSmoothing?: number;
  /**
   * Scheduled sampling: the share of the decoder's inputs that are its own predictions instead of the reference; it rises in a
   * line from 0 to this at the end of the training (Bengio et al. 2015; predictions made all at once: Mihaylova & Martins
   * 2019). @default 0
   */
  readonly scheduledSampling?: number;
}

/** Reads a source of whatever kind. */
export interface SourceEncoder extends Layer {
  /** The embedding, for a decoder that shares it. */
  readonly shared?: Param | undefined;
  /** A stack whose recurrent layers are the decoder's too. */
  readonly stack?: DecoderStack | undefined;
  /** @param lengths (N) steps of each row; the rest is padding */
  forward(source: Ints | Tensor, lengths?: Ints): Encoded;
  /** Adds to the gradients of its parameters. @param gradient of what `forward` returned */
  backward(gradient: EncodedGradient): void;
}

/**
 * A decoder that writes what an encoder has read: what all models have in common that answer, whatever their questions
 * are made of. From encoder to decoder pass the last hidden states, and cell states where the encoder hands them over.
 */
export abstract class EncoderDecoder<Config extends DecoderConfig = DecoderConfig> implements Layer {
  readonly params: readonly Param[];
  /** Whether dropout is at work, and in which step. */
  readonly phase: Phase = { training: false, step: 0, done: 0 };
  readonly #encoder: SourceEncoder;
  readonly #decoder: Decoder;
  readonly #workspace: Workspace;
  readonly #training: Required<DecoderTraining>;

  /** @param config whose parts fit together */
  constructor(
    backend: Backend,
    readonly config: Config,
    { seed = 0, labelSmoothing = 0, scheduledSampling = 0 }: DecoderTraining,
    makeEncoder: (config: Config, dropout: DropoutOptions) => SourceEncoder,
  ) {
    const { targetVocabSize: V, embeddingSize: D, hiddenSize: H, cell, layers, tieWeights } = config;
    const dropout = { rate: config.dropout, seed, phase: this.phase };
    this.#training = { seed, labelSmoothing, scheduledSampling };
    this.#encoder = makeEncoder(config, dropout);
    const { shared: embedding, stack } = this.#encoder;
    const shared = { embedding: tieWeights === "all" ? embedding : undefined, stack };
    const options = { ...config, tied: tieWeights !== "none", labelSmoothing };
    this.#decoder = new Decoder(backend, { V, D, H, cell, layers }, options, dropout, shared);
    this.#workspace = new Workspace(backend.arena);
    this.params = [...new Set([...this.#encoder.params, ...this.#decoder.params])];
  }

  /** Draws all weights anew; `initializers` says how. */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** The mean loss in nats per target token, each predicted from the true ones before it. */
  forward(batch: PairBatch): number {
    const encoded = this.encode(batch.source, batch.sourceLengths);
    const read = this.#read(batch);
    this.#mixInPredictions(read, encoded);
    return this.#decoder.forward(read, encoded);
  }

  /** Adds the gradient of the last loss to the gradients of all parameters. */
  backward(): void {
    this.#encoder.backward(this.#decoder.backward());
  }

  /** What the decoder is given of `source`; it lives until the next. */
  encode(source: Ints | Tensor, lengths?: Ints): Encoded {
    return this.#encoder.forward(source, lengths);
  }

  /** The loss of each target token, (N, T) nats and 0 for padding, without keeping anything for `backward`. */
  losses(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Float32Array {
    return this.#decoder.losses(this.#read(batch), encoded).data;
  }

  /** The most probable token at each place of the targets, (N, T), after the true ones before it. They live until the next call. */
  mostProbable(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Ints {
    return this.#decoder.mostProbable(this.#read(batch).inputs, encoded);
  }

  /** Makes the next step start from what was encoded, with B rows for each row of it. */
  start(encoded: Encoded, B = 1): void {
    this.#decoder.start(encoded, B);
  }

  /** The logits (R, V) after one more token in each row, (R, 1). They live until the next call. */
  step(ids: Ints): Tensor {
    const logits = this.#decoder.step(ids);
    return logits.as([ids.size, this.config.targetVocabSize]);
  }

  /** Makes row r go on from what row parents[r] has read, a row of the same source. */
  reorder(parents: Ints): void {
    this.#decoder.reorder(parents);
  }

  /** How much each row of the last step looked at each position of the source, (R, S); undefined without attention. */
  get attention(): Tensor | undefined {
    const weights = this.#decoder.attention;
    return weights?.as([weights.size / (weights.shape[2] ?? 1), weights.shape[2] ?? 1]);
  }

  /** What the decoder's last layer holds after the last step, (R, H); after `start`, what it starts from. */
  get hidden(): Tensor | undefined {
    return this.#decoder.states.at(-1)?.h;
  }

  /** The decoder's inputs and labels. */
  #read({ target, targetLengths }: PairBatch): DecoderBatch {
    const [N = 0, width = 0] = target.shape;
    const T = width - 1;
    if (targetLengths) {
      expectShape("EncoderDecoder: targetLengths", targetLengths.shape, [N]);
      expectRange("EncoderDecoder: targetLengths", targetLengths, 2, width);
    }
    const inputs = this.#workspace.ints("inputs", [N, T]);
    const labels = this.#workspace.ints("labels", [N, T]);
    const shares = this.#workspace.tensor("weights", [N, T]); // taken in any case: a later batch may need it
    const weights = targetLengths && shares;
    const [from, into, to, counted] = [target.data, inputs.data, labels.data, weights?.data.fill(0)];
    for (let n = 0; n < N; n++) {
      into.set(from.subarray(n * width, n * width + T), n * T);
      to.set(from.subarray(n * width + 1, (n + 1) * width), n * T);
      counted?.fill(1, n * T, n * T + (targetLengths?.data[n] ?? width) - 1);
    }
    return { inputs, labels, weights };
  }

  /** Scheduled sampling: replaces some inputs by what the model finds most probable there. */
  #mixInPredictions({ inputs }: DecoderBatch, encoded: Encoded): void {
    const { training, step, done } = this.phase;
    const share = this.#training.scheduledSampling * done;
    if (!training || share === 0) return;
    const predictions = this.#decoder.mostProbable(inputs, encoded).data;
    const random = new Random(this.#training.seed, step);
    const [ids, T] = [inputs.data, inputs.shape[1] ?? 0];
    for (let i = 0; i < ids.length; i++) if (i % T > 0 && random.uniform() < share) ids[i] = predictions[i - 1] ?? 0;
  }
}
