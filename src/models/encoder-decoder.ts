import * as z from "zod/mini";
import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { keysOf } from "../engine/check-options.js";
import { expectShape, OptionError } from "../engine/errors.js";
import { scorings } from "../engine/layers/attention.js";
import type { Phase } from "../engine/layers/dropout.js";
import { type InitializerName, initialize } from "../engine/layers/initialize.js";
import { expectRange, type Layer } from "../engine/layers/layer.js";
import { weightTyings } from "../engine/layers/token-head.js";
import { Random } from "../engine/random.js";
import type { Ints, Param, Tensor } from "../engine/tensor.js";
import { Decoder, type DecoderBatch, type DecoderOptions } from "./decoder.js";
import type { DecoderStack } from "./decoder-stack.js";
import type { DropoutOptions, Encoded, EncodedGradient } from "./encoder.js";
import type { PairBatch } from "./sources.js";

const size = z.int().check(z.minimum(1));

/** Configuration of the decoder, in the model file of every model with a decoder. Older files lack the keys with defaults. */
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
/** Configuration of a decoder. */
export type DecoderConfig = z.infer<typeof DecoderConfig>;

/** Settings of training that are not part of the configuration of a model. */
export interface DecoderTraining {
  /** Seed of dropout masks and scheduled sampling. @default 0 */
  readonly seed?: number;
  /** Label smoothing: the probability mass spread over all tokens, from 0 to below 1 (Szegedy et al. 2016). @default 0 */
  readonly labelSmoothing?: number;
  /**
   * Scheduled sampling: the share, from 0 to 1, of the decoder's inputs that are its own predictions instead of the
   * reference. It rises linearly from 0 to this value at the end of training (Bengio et al. 2015; predictions of all
   * steps at once: Mihaylova & Martins 2019). @default 0
   */
  readonly scheduledSampling?: number;
}

/** Encoder of sources of any kind. */
export interface SourceEncoder extends Layer {
  /** Weight of the embedding, for a decoder that shares it. */
  readonly shared?: Param | undefined;
  /** A stack whose recurrent layers the decoder shares. */
  readonly stack?: DecoderStack | undefined;
  /** @param lengths number of steps of each row, (N); the rest is padding */
  forward(source: Ints | Tensor, lengths?: Ints): Encoded;
  /** Adds to the gradients of the parameters. @param gradient of the value that `forward` returned */
  backward(gradient: EncodedGradient): void;
}

/**
 * Encoder and decoder, the base of all models that produce a sequence for a source of any kind. The decoder starts from the
 * last hidden states of the encoder, and from its cell states if the encoder passes them.
 */
export abstract class EncoderDecoder<Config extends DecoderConfig = DecoderConfig> implements Layer {
  readonly params: readonly Param[];
  /** Phase of training: switches dropout and scheduled sampling on, and selects their random numbers. */
  readonly phase: Phase = { training: false, step: 0, done: 0 };
  readonly #encoder: SourceEncoder;
  readonly #decoder: Decoder;
  readonly #workspace: Workspace;
  readonly #training: Required<DecoderTraining>;

  /** @param config a configuration that has been checked */
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
    const { decoder, attentionScore, attentionalHidden, inputFeeding } = config;
    const own = { decoder, attentionScore, attentionalHidden, inputFeeding } satisfies DecoderOptions;
    const options = { ...own, tied: tieWeights !== "none", labelSmoothing };
    this.#decoder = new Decoder(backend, { V, D, H, cell, layers }, options, dropout, shared);
    this.#workspace = new Workspace(backend.arena);
    this.params = [...new Set([...this.#encoder.params, ...this.#decoder.params])];
  }

  /** Initializes all weights. @param scheme one of `initializers` */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** Mean loss in nats per target token, with teacher forcing. */
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

  /** Encodes sources. The result is valid until the next call. @param lengths number of steps of each row, (N) */
  encode(source: Ints | Tensor, lengths?: Ints): Encoded {
    return this.#encoder.forward(source, lengths);
  }

  /** Loss of each target token with teacher forcing, (N, T) in nats, 0 for padding. Keeps nothing for `backward`. */
  losses(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Float32Array {
    return this.#decoder.losses(this.#read(batch), encoded).data;
  }

  /** Most probable token at each position of the targets with teacher forcing, (N, T). Valid until the next call. */
  mostProbable(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Ints {
    return this.#decoder.mostProbable(this.#read(batch).inputs, encoded);
  }

  /** Starts decoding from an encoder output, with B rows for each of its rows. */
  start(encoded: Encoded, B = 1): void {
    this.#decoder.start(encoded, B);
  }

  /** Logits (R, V) after one more token in each row, (R, 1). Valid until the next call. */
  step(ids: Ints): Tensor {
    const logits = this.#decoder.step(ids);
    return logits.as([ids.size, this.config.targetVocabSize]);
  }

  /** Makes row r continue from the state of row parents[r], which has the same source. */
  reorder(parents: Ints): void {
    this.#decoder.reorder(parents);
  }

  /** Attention weights of the last step, (R, S); undefined without attention. */
  get attention(): Tensor | undefined {
    const weights = this.#decoder.attention;
    return weights?.as([weights.size / (weights.shape[2] ?? 1), weights.shape[2] ?? 1]);
  }

  /** Hidden state of the decoder's last layer after the last step, (R, H); after `start`, the initial one. */
  get hidden(): Tensor | undefined {
    return this.#decoder.states.at(-1)?.h;
  }

  /** Inputs and labels of the decoder. */
  #read({ target, targetLengths }: PairBatch): DecoderBatch {
    const [N = 0, width = 0] = target.shape;
    const T = width - 1;
    if (targetLengths) {
      expectShape("EncoderDecoder: targetLengths", targetLengths.shape, [N]);
      expectRange("EncoderDecoder: targetLengths", targetLengths, 2, width);
    }
    const inputs = this.#workspace.ints("inputs", [N, T]);
    const labels = this.#workspace.ints("labels", [N, T]);
    const shares = this.#workspace.tensor("weights", [N, T]); // reserved in any case: a later batch may need it
    const weights = targetLengths && shares;
    const [from, into, to, counted] = [target.data, inputs.data, labels.data, weights?.data.fill(0)];
    for (let n = 0; n < N; n++) {
      into.set(from.subarray(n * width, n * width + T), n * T);
      to.set(from.subarray(n * width + 1, (n + 1) * width), n * T);
      counted?.fill(1, n * T, n * T + (targetLengths?.data[n] ?? width) - 1);
    }
    return { inputs, labels, weights };
  }

  /** Scheduled sampling: replaces some inputs by the predictions of the model. */
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

/** Throws an OptionError unless the condition holds. */
export type Expect = (holds: boolean, option: string, expected: string, got: unknown, hint: string) => void;

/** Makes a check of options. @param where name of the model in errors */
export const expecting =
  (where: string): Expect =>
  (holds, option, expected, got, hint) => {
    if (!holds) throw new OptionError(`${where}: ${option}: expected ${expected}, got ${got}.`, hint);
  };

/** Checks the configuration of a decoder. @throws OptionError for options that do not fit together */
export function expectFittingDecoder(expect: Expect, config: DecoderConfig): void {
  const { decoder, hiddenSize, embeddingSize, tieWeights, attentionalHidden } = config;
  const [hasAttention, isTied] = [decoder === "attention", tieWeights !== "none"];
  expect(
    !attentionalHidden || hasAttention,
    "attentionalHidden",
    "decoder attention",
    decoder,
    "it combines attention and hidden state",
  );
  expect(
    !config.inputFeeding || attentionalHidden,
    "inputFeeding",
    "attentionalHidden",
    "none",
    "the fed input is the combined state",
  );
  if (!isTied) return;
  const sizes = "the output layer shares its weight with the embedding, so its input must have the embedding size";
  expect(decoder !== "peeky", "tieWeights", "another decoder", decoder, sizes);
  if (hasAttention) expect(attentionalHidden, "tieWeights", "attentionalHidden", "none", sizes);
  else
    expect(
      embeddingSize === hiddenSize,
      "tieWeights",
      "embeddingSize equal to hiddenSize",
      `${embeddingSize} and ${hiddenSize}`,
      sizes,
    );
}
