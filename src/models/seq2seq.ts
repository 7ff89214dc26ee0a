import * as z from "zod/mini";
import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { checkOptions } from "../check-options.js";
import { expectShape, OptionError } from "../errors.js";
import { keysOf } from "../keys.js";
import { scorings } from "../layers/attention.js";
import type { Phase } from "../layers/dropout.js";
import { type InitializerName, initialize } from "../layers/initialize.js";
import { expectRange, type Layer } from "../layers/layer.js";
import { Random } from "../random.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import { Decoder, type DecoderBatch } from "./decoder.js";
import { type Encoded, Encoder } from "./encoder.js";

const size = z.int().check(z.minimum(1));

/** What a seq2seq is made of: all of it stands in the model file. What older files lack has the value of that time. */
export const Seq2SeqConfig = z.object({
  kind: z.literal("seq2seq"),
  cell: z._default(z.enum(["lstm", "gru", "rnn"]), "lstm"),
  layers: z._default(z.int().check(z.minimum(1), z.maximum(16)), 1),
  bidirectional: z._default(z.boolean(), false),
  reverse: z.boolean(),
  passCell: z.boolean(),
  decoder: z.enum(["plain", "peeky", "attention"]),
  attention: z._default(z.enum(keysOf(scorings)), "dot"),
  combine: z._default(z.boolean(), false),
  inputFeeding: z._default(z.boolean(), false),
  tied: z._default(z.enum(["no", "target", "all"]), "no"),
  dropout: z._default(z.number().check(z.minimum(0), z.lt(1)), 0),
  sourceVocabulary: size,
  targetVocabulary: size,
  embedding: size,
  hidden: size,
});
export type Seq2SeqConfig = z.input<typeof Seq2SeqConfig>;

/** What of a configuration the data do not decide. */
export type Seq2SeqShape = Partial<Omit<Seq2SeqConfig, "kind" | "sourceVocabulary" | "targetVocabulary">>;

/** Pairs of sequences: source (N, S), target (N, T + 1), which begins with the start token. */
export interface PairBatch {
  readonly source: Ints;
  readonly target: Ints;
  /** (N) how many tokens each row of `source` has, at least 1; undefined: all S. The rest is padding, any tokens. */
  readonly sourceLengths?: Ints | undefined;
  /** (N) how many tokens each row of `target` has, the start token among them, at least 2; undefined: all T + 1. */
  readonly targetLengths?: Ints | undefined;
}

/** What training asks of a model beyond its configuration. */
export interface Seq2SeqTraining {
  /** Of dropout masks and of scheduled sampling. @default 0 */
  readonly seed?: number;
  /** Of labels: the share of the target that is spread over all tokens (Szegedy et al. 2016). @default 0 */
  readonly smoothing?: number;
  /**
   * Scheduled sampling: the share of the decoder's inputs that are its own guesses instead of the truth; it rises in a
   * line from 0 to this at the end of the training (Bengio et al. 2015; guesses made all at once: Mihaylova & Martins
   * 2019). @default 0
   */
  readonly sampling?: number;
}

/**
 * Encoder and decoder: one sequence in, another out.
 *
 * `reverse` is part of the model: it reads the source from its end (Sutskever, Vinyals & Le 2014), and its users never
 * reverse a string. From encoder to decoder pass the last hidden states, and with `passCell` an LSTM's cell states too.
 */
export class Seq2Seq implements Layer {
  readonly params: readonly Param[];
  readonly config: z.infer<typeof Seq2SeqConfig>;
  /** Whether dropout is at work, and in which update. */
  readonly phase: Phase = { training: false, update: 0, done: 0 };
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #room: Room;
  readonly #training: Required<Seq2SeqTraining>;

  /** @throws OptionError for parts that do not fit together */
  constructor(
    backend: Backend,
    config: Seq2SeqConfig,
    { seed = 0, smoothing = 0, sampling = 0 }: Seq2SeqTraining = {},
  ) {
    this.config = checkOptions("Seq2Seq", Seq2SeqConfig, config);
    expectFitting(this.config);
    const { embedding: D, hidden: H, cell, layers, tied, sourceVocabulary, targetVocabulary } = this.config;
    const dropout = { rate: this.config.dropout, seed, phase: this.phase };
    this.#training = { seed, smoothing, sampling };
    const source = { V: sourceVocabulary, D, H, cell, layers };
    this.#encoder = new Encoder(backend, source, this.config, dropout, tied === "all");
    const shared = tied === "all" ? this.#encoder.embedding.params[0] : undefined;
    const options = { ...this.config, tied: tied !== "no", smoothing };
    this.#decoder = new Decoder(backend, { ...source, V: targetVocabulary }, options, dropout, shared);
    this.#room = new Room(backend.arena);
    this.params = [...new Set([...this.#encoder.params, ...this.#decoder.params])];
  }

  /** A model for the vocabularies of a task; sizes not given are the book's: embedding 16, hidden 128. */
  static for(
    backend: Backend,
    { tokenizer }: { tokenizer: PairTokenizer },
    shape: Seq2SeqShape = {},
    training: Seq2SeqTraining = {},
  ): Seq2Seq {
    const book = { decoder: "plain", reverse: false, passCell: false, embedding: 16, hidden: 128 } as const;
    const { sourceSize: sourceVocabulary, targetSize: targetVocabulary } = tokenizer;
    return new Seq2Seq(backend, { kind: "seq2seq", ...book, ...shape, sourceVocabulary, targetVocabulary }, training);
  }

  /** Draws all weights anew; `initializers` says how. */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** The mean loss in nats per target token, each predicted from the true ones before it. */
  forward(batch: PairBatch): number {
    const encoded = this.#forDecoder(this.#encoder.forward(batch.source, batch.sourceLengths));
    const read = this.#read(batch);
    this.#guess(read, encoded);
    return this.#decoder.forward(read, encoded);
  }

  /** Adds the gradient of the last loss to the gradients of all parameters. */
  backward(): void {
    this.#encoder.backward(this.#decoder.backward());
  }

  /** What the decoder is given of `source` (N, S); it lives until the next. */
  encode(source: Ints, lengths?: Ints): Encoded {
    return this.#forDecoder(this.#encoder.forward(source, lengths));
  }

  /** The loss of each target token, (N, T) nats and 0 for padding, without keeping anything for `backward`. */
  losses(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Float32Array {
    return this.#decoder.losses(this.#read(batch), encoded).data;
  }

  /** The likeliest token at each place of the targets, (N, T), after the true ones before it. They live until the next call. */
  likeliest(batch: PairBatch, encoded = this.encode(batch.source, batch.sourceLengths)): Ints {
    return this.#decoder.likeliest(this.#read(batch).inputs, encoded);
  }

  /** Makes the next step start from what was encoded, with B rows for each row of it. */
  start(encoded: Encoded, B = 1): void {
    this.#decoder.start(encoded, B);
  }

  /** The logits (R, V) after one more token in each row, (R, 1). They live until the next call. */
  step(ids: Ints): Tensor {
    const logits = this.#decoder.step(ids);
    return logits.as([ids.size, this.config.targetVocabulary]);
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

  #forDecoder(encoded: Encoded): Encoded {
    return this.config.passCell ? encoded : { ...encoded, states: encoded.states.map(({ h }) => ({ h })) };
  }

  /** The decoder's inputs and labels. */
  #read({ target, targetLengths }: PairBatch): DecoderBatch {
    const [N = 0, width = 0] = target.shape;
    const T = width - 1;
    if (targetLengths) {
      expectShape("Seq2Seq: targetLengths", targetLengths.shape, [N]);
      expectRange("Seq2Seq: targetLengths", targetLengths, 2, width);
    }
    const inputs = this.#room.ints("inputs", [N, T]);
    const labels = this.#room.ints("labels", [N, T]);
    const shares = this.#room.tensor("weights", [N, T]); // taken in any case: a later batch may need it
    const weights = targetLengths && shares;
    const [from, into, to, counted] = [target.data, inputs.data, labels.data, weights?.data.fill(0)];
    for (let n = 0; n < N; n++) {
      into.set(from.subarray(n * width, n * width + T), n * T);
      to.set(from.subarray(n * width + 1, (n + 1) * width), n * T);
      counted?.fill(1, n * T, n * T + (targetLengths?.data[n] ?? width) - 1);
    }
    return { inputs, labels, weights };
  }

  /** Scheduled sampling: replaces some inputs by what the model takes for the likeliest there. */
  #guess({ inputs }: DecoderBatch, encoded: Encoded): void {
    const { training, update, done } = this.phase;
    const share = this.#training.sampling * done;
    if (!training || share === 0) return;
    const guesses = this.#decoder.likeliest(inputs, encoded).data;
    const random = new Random(this.#training.seed, update);
    const [ids, T] = [inputs.data, inputs.shape[1] ?? 0];
    for (let i = 0; i < ids.length; i++) if (i % T > 0 && random.uniform() < share) ids[i] = guesses[i - 1] ?? 0;
  }
}

/** @throws OptionError for parts that do not fit together */
function expectFitting(config: z.infer<typeof Seq2SeqConfig>): void {
  const { cell, decoder, hidden, embedding, tied, combine, sourceVocabulary, targetVocabulary } = config;
  const [looks, isTied] = [decoder === "attention", tied !== "no"];
  const expect = (holds: boolean, option: string, expected: string, got: unknown, hint: string): void => {
    if (!holds) throw new OptionError(`Seq2Seq: ${option}: expected ${expected}, got ${got}.`, hint);
  };
  expect(!config.passCell || cell === "lstm", "passCell", "cell lstm", cell, "only an LSTM has a cell state");
  if (config.bidirectional) {
    expect(!config.reverse, "reverse", "one way to read", "bidirectional too", "leave one of them out");
    expect(hidden % 2 === 0, "bidirectional", "an even hidden size", hidden, "each way has half of it");
  }
  expect(!combine || looks, "combine", "decoder attention", decoder, "it combines attention and hidden state");
  expect(!config.inputFeeding || combine, "inputFeeding", "combine", "none", "what is fed is the combined state");
  if (!isTied) return;
  const seen = "the embedding is the last weight too, so the last layer must see as much as an embedding has";
  expect(decoder !== "peeky", "tied", "another decoder", decoder, seen);
  if (looks) expect(combine, "tied", "combine", "none", seen);
  else expect(embedding === hidden, "tied", "embedding and hidden of one size", `${embedding} and ${hidden}`, seen);
  const [V, O] = [sourceVocabulary, targetVocabulary];
  expect(
    tied !== "all" || V === O,
    "tied",
    "one vocabulary for both sides",
    `${V} and ${O} tokens`,
    "share it, or tie the target",
  );
}
