import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { checkOptions } from "../engine/check-options.js";
import { Encoder } from "./encoder.js";
import { type DecoderTraining, decoderFields, EncoderDecoder } from "./encoder-decoder.js";
import { expectFittingDecoder, expecting } from "./fitting.js";

const size = z.int().check(z.minimum(1));

/** What a seq2seq is made of: all of it stands in the model file. What older files lack has the value of that time. */
export const Seq2SeqConfig = z.object({
  kind: z.literal("seq2seq"),
  bidirectional: z._default(z.boolean(), false),
  reverse: z.boolean(),
  initCell: z.boolean(),
  /** After so many of the encoder's layers, each two steps become one. */
  pyramidLayers: z._default(z.int().check(z.minimum(0)), 0),
  /** Of the source: how many different tokens there are, or else of how many numbers a frame is. */
  sourceVocabSize: z.optional(size),
  frameSize: z.optional(size),
  ...decoderFields,
});
export type Seq2SeqConfig = z.input<typeof Seq2SeqConfig>;

/** What of a configuration the data do not decide. */
export type Seq2SeqShape = Partial<Omit<Seq2SeqConfig, "kind" | "sourceVocabSize" | "frameSize" | "targetVocabSize">>;

/** What a tokenizer says of the sources: how many different tokens there are, or of how many numbers a frame is. */
export type SourceSize = { readonly sourceSize: number } | { readonly frameSize: number };

/**
 * Encoder and decoder: one sequence in, another out. The source is of token ids, or of frames of real numbers.
 *
 * `reverse` is part of the model: it reads the source from its end (Sutskever, Vinyals & Le 2014), and its users never
 * reverse a string. From encoder to decoder pass the last hidden states, and with `initCell` an LSTM's cell states too.
 */
export class Seq2Seq extends EncoderDecoder<z.infer<typeof Seq2SeqConfig>> {
  /** @throws OptionError for parts that do not fit together */
  constructor(backend: Backend, config: Seq2SeqConfig, training: DecoderTraining = {}) {
    super(backend, checked(config), training, (own, dropout) => {
      const { embeddingSize: D, hiddenSize: H, cell, layers, sourceVocabSize: V, frameSize } = own;
      const sizes = { V, D: frameSize ?? D, H, cell, layers };
      return new Encoder(backend, sizes, own, dropout, own.tieWeights === "all");
    });
  }

  /** A model for the vocabularies of a task; sizes not given are the book's: embedding 16, hidden 128. */
  static for(
    backend: Backend,
    { tokenizer }: { tokenizer: SourceSize & { readonly targetSize: number } },
    shape: Seq2SeqShape = {},
    training: DecoderTraining = {},
  ): Seq2Seq {
    const book = { decoder: "plain", reverse: false, initCell: false, embeddingSize: 16, hiddenSize: 128 } as const;
    const sizes = { ...sourceFields(tokenizer), targetVocabSize: tokenizer.targetSize };
    return new Seq2Seq(backend, { kind: "seq2seq", ...book, ...shape, ...sizes }, training);
  }
}

/** What a configuration says of such sources. */
export function sourceFields(size: SourceSize): Pick<Seq2SeqConfig, "sourceVocabSize" | "frameSize"> {
  return "sourceSize" in size ? { sourceVocabSize: size.sourceSize } : { frameSize: size.frameSize };
}

/** @throws OptionError for parts that do not fit together */
function checked(given: Seq2SeqConfig): z.infer<typeof Seq2SeqConfig> {
  const config = checkOptions("Seq2Seq", Seq2SeqConfig, given);
  const {
    cell,
    hiddenSize,
    layers,
    pyramidLayers,
    tieWeights,
    frameSize,
    sourceVocabSize: V,
    targetVocabSize: O,
  } = config;
  const expect = expecting("Seq2Seq");
  expect(!config.initCell || cell === "lstm", "initCell", "cell lstm", cell, "only an LSTM has a cell state");
  if (config.bidirectional) {
    expect(!config.reverse, "reverse", "one way to read", "bidirectional too", "leave one of them out");
    expect(hiddenSize % 2 === 0, "bidirectional", "an even hidden size", hiddenSize, "each way has half of it");
  }
  const reads = [V !== undefined && "token ids", frameSize !== undefined && "frames"].filter((kind) => kind !== false);
  expect(
    reads.length === 1,
    "sourceVocabSize, frameSize",
    "one of them",
    reads.join(" and ") || "none",
    "a model reads one kind",
  );
  expect(
    pyramidLayers < layers,
    "pyramidLayers",
    `fewer than layers, ${layers}`,
    pyramidLayers,
    "steps are joined between two layers: raise layers",
  );
  expect(
    pyramidLayers === 0 || frameSize !== undefined,
    "pyramidLayers",
    "frames",
    "token ids",
    "texts have no steps to spare",
  );
  expectFittingDecoder(expect, config);
  expect(
    tieWeights !== "all" || V === O,
    "tieWeights",
    "one vocabulary for both sides",
    `${V === undefined ? "frames" : V} and ${O} tokens`,
    "share it, or tie the target",
  );
  return config;
}
