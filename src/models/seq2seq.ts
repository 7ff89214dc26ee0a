import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { checkOptions } from "../engine/check-options.js";
import { Encoder, type EncoderOptions } from "./encoder.js";
import {
  type DecoderTraining,
  decoderFields,
  EncoderDecoder,
  expectFittingDecoder,
  expecting,
} from "./encoder-decoder.js";

const size = z.int().check(z.minimum(1));

/** Configuration of a seq2seq model, as stored in the model file. Keys that older files lack default to their behaviour. */
export const Seq2SeqConfig = z.object({
  kind: z.literal("seq2seq"),
  bidirectional: z._default(z.boolean(), false),
  reverse: z.boolean(),
  initCell: z.boolean(),
  /** Number of encoder layers after which two steps are joined to one. */
  pyramidLayers: z._default(z.int().check(z.minimum(0)), 0),
  /** Source vocabulary size, or else the size of a frame. */
  sourceVocabSize: z.optional(size),
  frameSize: z.optional(size),
  ...decoderFields,
});
/** Configuration of a seq2seq model. */
export type Seq2SeqConfig = z.input<typeof Seq2SeqConfig>;

/** Configuration without the sizes that follow from the data. */
export type Seq2SeqShape = Partial<Omit<Seq2SeqConfig, "kind" | "sourceVocabSize" | "frameSize" | "targetVocabSize">>;

/** Size of the source vocabulary, or numbers in a frame. */
export type SourceSize = { readonly size: number } | { readonly frameSize: number };

/**
 * Sequence-to-sequence model: an encoder of token ids or frames, and a decoder.
 *
 * `reverse` is part of the model, which then reads the source from its end (Sutskever, Vinyals & Le 2014): callers never
 * reverse a source. The decoder starts from the last hidden states, and with `initCell` from the LSTM's cell states too.
 */
export class Seq2Seq extends EncoderDecoder<z.infer<typeof Seq2SeqConfig>> {
  /** @throws OptionError for options that do not fit together */
  constructor(backend: Backend, config: Seq2SeqConfig, training: DecoderTraining = {}) {
    super(backend, checkSeq2Seq(config), training, (own, dropout) => {
      const { embeddingSize: D, hiddenSize: H, cell, layers, sourceVocabSize: V, frameSize } = own;
      const { reverse, bidirectional, pyramidLayers, initCell } = own;
      const sizes = { V, D: frameSize ?? D, H, cell, layers };
      const options = { reverse, bidirectional, pyramidLayers, initCell } satisfies EncoderOptions;
      return new Encoder(backend, sizes, options, dropout, own.tieWeights === "all");
    });
  }

  /**
   * Makes a model for the vocabularies of a task. The default sizes are those of the book: embedding 16, hidden 128.
   *
   * @throws OptionError for options that do not fit together
   */
  static for(
    backend: Backend,
    { tokenizer }: { tokenizer: { readonly source: SourceSize; readonly target: { readonly size: number } } },
    shape: Seq2SeqShape = {},
    training: DecoderTraining = {},
  ): Seq2Seq {
    const book = { decoder: "plain", reverse: false, initCell: false, embeddingSize: 16, hiddenSize: 128 } as const;
    const sizes = { ...sourceFields(tokenizer.source), targetVocabSize: tokenizer.target.size };
    return new Seq2Seq(backend, { kind: "seq2seq", ...book, ...shape, ...sizes }, training);
  }
}

/** Configuration keys for sources of a size. */
export function sourceFields(size: SourceSize): Pick<Seq2SeqConfig, "sourceVocabSize" | "frameSize"> {
  return "size" in size ? { sourceVocabSize: size.size } : { frameSize: size.frameSize };
}

/** Checks a configuration. @throws OptionError for options that do not fit together */
function checkSeq2Seq(given: Seq2SeqConfig): z.infer<typeof Seq2SeqConfig> {
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
    expect(!config.reverse, "reverse", "one direction", "bidirectional too", "leave one of them out");
    expect(hiddenSize % 2 === 0, "bidirectional", "an even hidden size", hiddenSize, "each direction has half of it");
  }
  const reads = [V !== undefined && "token ids", frameSize !== undefined && "frames"].filter((kind) => kind !== false);
  expect(
    reads.length === 1,
    "sourceVocabSize, frameSize",
    "one of them",
    reads.join(" and ") || "none",
    "a model reads either tokens or frames",
  );
  expect(
    pyramidLayers < layers,
    "pyramidLayers",
    `fewer than layers, ${layers}`,
    pyramidLayers,
    "steps are joined between two layers: use more layers",
  );
  expect(
    pyramidLayers === 0 || frameSize !== undefined,
    "pyramidLayers",
    "frames",
    "token ids",
    "only frames can be joined",
  );
  expectFittingDecoder(expect, config);
  expect(
    tieWeights !== "all" || V === O,
    "tieWeights",
    "one vocabulary for both sides",
    `${V === undefined ? "frames" : V} and ${O} tokens`,
    "share the vocabulary, or tie only the output",
  );
  return config;
}
