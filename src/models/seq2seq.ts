import * as z from "zod/mini";
import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { OptionError } from "../errors.js";
import { CrossEntropy } from "../layers/cross-entropy.js";
import { type InitializerName, initialize } from "../layers/initialize.js";
import type { Layer } from "../layers/layer.js";
import type { RecurrentState } from "../layers/recurrent.js";
import { Random } from "../random.js";
import type { Ints, Param } from "../tensor.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import { Decoder, PeekyDecoder } from "./decoder.js";
import { Encoder } from "./encoder.js";

const decoders = { plain: Decoder, peeky: PeekyDecoder } as const;

/** What a seq2seq is made of: all of it stands in the model file. */
export const Seq2SeqConfig = z.object({
  kind: z.literal("seq2seq"),
  cell: z._default(z.enum(["lstm", "gru", "rnn"]), "lstm"),
  decoder: z.enum(["plain", "peeky"]),
  reverse: z.boolean(),
  passCell: z.boolean(),
  sourceVocabulary: z.int().check(z.minimum(1)),
  targetVocabulary: z.int().check(z.minimum(1)),
  embedding: z.int().check(z.minimum(1)),
  hidden: z.int().check(z.minimum(1)),
});
export type Seq2SeqConfig = z.input<typeof Seq2SeqConfig>;

/** What of a configuration the data do not decide. */
export type Seq2SeqShape = Partial<Omit<Seq2SeqConfig, "kind" | "sourceVocabulary" | "targetVocabulary">>;

/** Pairs of sequences: source (N, S), target (N, T + 1), which begins with the start token. */
export interface PairBatch {
  readonly source: Ints;
  readonly target: Ints;
}

/**
 * Encoder and decoder: one sequence in, another out.
 *
 * `reverse` is part of the model: it reads the source from its end (Sutskever, Vinyals & Le 2014), and its users never
 * reverse a string. From encoder to decoder passes the last hidden state, and with `passCell` an LSTM's cell state too.
 */
export class Seq2Seq implements Layer {
  readonly params: readonly Param[];
  readonly config: z.infer<typeof Seq2SeqConfig>;
  readonly #backend: Backend;
  readonly #encoder: Encoder;
  readonly #decoder: Decoder;
  readonly #loss: CrossEntropy;
  readonly #room: Room;

  /** @throws OptionError for `passCell` where the cell has no cell state */
  constructor(backend: Backend, config: Seq2SeqConfig) {
    this.config = z.parse(Seq2SeqConfig, config);
    const { embedding: D, hidden: H, cell, passCell } = this.config;
    if (passCell && cell !== "lstm")
      throw new OptionError(`Seq2Seq: passCell: expected cell lstm, got ${cell}.`, "only an LSTM has a cell state");
    this.#backend = backend;
    this.#encoder = new Encoder(backend, { V: config.sourceVocabulary, D, H, cell }, config.reverse);
    this.#decoder = new decoders[config.decoder](backend, { V: config.targetVocabulary, D, H, cell });
    this.#loss = new CrossEntropy(backend);
    this.#room = new Room(backend.arena);
    this.params = [...this.#encoder.params, ...this.#decoder.params];
  }

  /** A model for the vocabularies of a task; sizes not given are the book's: embedding 16, hidden 128. */
  static for(backend: Backend, { tokenizer }: { tokenizer: PairTokenizer }, shape: Seq2SeqShape = {}): Seq2Seq {
    return new Seq2Seq(backend, {
      kind: "seq2seq",
      ...{ decoder: "plain", reverse: false, passCell: false, embedding: 16, hidden: 128 },
      ...shape,
      sourceVocabulary: tokenizer.source.size,
      targetVocabulary: tokenizer.target.size,
    });
  }

  /** Draws all weights anew; `initializers` says how. */
  initialize(seed: number, scheme: InitializerName = "book"): this {
    initialize(this.params, scheme, new Random(seed));
    return this;
  }

  /** The mean loss in nats per target token, each predicted from the true ones before it. */
  forward(batch: PairBatch): number {
    return this.#decoder.forward(...this.#read(batch));
  }

  /** Adds the gradient of the last loss to the gradients of all parameters. */
  backward(): void {
    this.#encoder.backward(this.#decoder.backward());
  }

  /** What the decoder is given of `source` (N, S); it lives until the second-next call. */
  encode(source: Ints): RecurrentState {
    const last = this.#encoder.forward(source);
    return this.config.passCell ? last : { h: last.h };
  }

  /** The loss of each target token, (N, T) nats, without keeping anything for `backward`. */
  losses(batch: PairBatch, encoded?: RecurrentState): Float32Array {
    return this.#decoder.losses(...this.#read(batch, encoded)).data;
  }

  /**
   * Writes `length` tokens for each row of `source` (N, S), always the likeliest next.
   * @param start the token that stands before the first
   * @returns ids (N, length), row after row, and the natural logarithm of each row's probability
   */
  greedy(
    source: Ints,
    start: number,
    length: number,
    encoded = this.encode(source),
  ): { ids: Int32Array; scores: Float64Array } {
    const N = source.shape[0] ?? 0;
    const next = this.#room.ints("next", [N, 1]);
    next.data.fill(start);
    const ids = new Int32Array(N * length);
    const scores = new Float64Array(N);
    this.#decoder.start(encoded);
    for (let t = 0; t < length; t++) {
      const logits = this.#decoder.step(next, encoded);
      this.#backend.kernels.argmax({ ids: next }, { logits }, { R: N, V: this.config.targetVocabulary });
      const losses = this.#loss.losses(logits, next).data;
      const chosen = next.data;
      for (let n = 0; n < N; n++) {
        ids[n * length + t] = chosen[n] ?? 0;
        scores[n] = (scores[n] ?? 0) - (losses[n] ?? 0);
      }
    }
    return { ids, scores };
  }

  /** The decoder's inputs and labels, and the encoder's state. */
  #read({ source, target }: PairBatch, encoded?: RecurrentState): [inputs: Ints, labels: Ints, RecurrentState] {
    const [N = 0, width = 0] = target.shape;
    const T = width - 1;
    const inputs = this.#room.ints("inputs", [N, T]);
    const labels = this.#room.ints("labels", [N, T]);
    const [from, into, to] = [target.data, inputs.data, labels.data];
    for (let n = 0; n < N; n++) {
      into.set(from.subarray(n * width, n * width + T), n * T);
      to.set(from.subarray(n * width + 1, (n + 1) * width), n * T);
    }
    return [inputs, labels, encoded ?? this.encode(source)];
  }
}
