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
  passCell: z.boolean(),
  /** After so many of the encoder's layers, each two steps become one. */
  pyramid: z._default(z.int().check(z.minimum(0)), 0),
  /** Of the source: how many different tokens there are, or else of how many numbers a frame is. */
  sourceVocabulary: z.optional(size),
  frames: z.optional(size),
  ...decoderFields,
});
export type Seq2SeqConfig = z.input<typeof Seq2SeqConfig>;

/** What of a configuration the data do not decide. */
export type Seq2SeqShape = Partial<Omit<Seq2SeqConfig, "kind" | "sourceVocabulary" | "frames" | "targetVocabulary">>;

/** Size of the source vocabulary, or numbers in a frame. */
export type SourceSize = { readonly size: number } | { readonly frameSize: number };

/**
 * Encoder and decoder: one sequence in, another out. The source is of token ids, or of frames of real numbers.
 *
 * `reverse` is part of the model: it reads the source from its end (Sutskever, Vinyals & Le 2014), and its users never
 * reverse a string. From encoder to decoder pass the last hidden states, and with `passCell` an LSTM's cell states too.
 */
export class Seq2Seq extends EncoderDecoder<z.infer<typeof Seq2SeqConfig>> {
  /** @throws OptionError for parts that do not fit together */
  constructor(backend: Backend, config: Seq2SeqConfig, training: DecoderTraining = {}) {
    super(backend, checked(config), training, (own, dropout) => {
      const { embedding: D, hidden: H, cell, layers, sourceVocabulary: V, frames } = own;
      const sizes = { V, D: frames ?? D, H, cell, layers };
      return new Encoder(backend, sizes, own, dropout, own.tied === "all");
    });
  }

  /** A model for the vocabularies of a task; sizes not given are the book's: embedding 16, hidden 128. */
  static for(
    backend: Backend,
    { tokenizer }: { tokenizer: { readonly source: SourceSize; readonly target: { readonly size: number } } },
    shape: Seq2SeqShape = {},
    training: DecoderTraining = {},
  ): Seq2Seq {
    const book = { decoder: "plain", reverse: false, passCell: false, embedding: 16, hidden: 128 } as const;
    const sizes = { ...sourceFields(tokenizer.source), targetVocabulary: tokenizer.target.size };
    return new Seq2Seq(backend, { kind: "seq2seq", ...book, ...shape, ...sizes }, training);
  }
}

/** The fields of a configuration for such sources. */
export function sourceFields(size: SourceSize): Pick<Seq2SeqConfig, "sourceVocabulary" | "frames"> {
  return "size" in size ? { sourceVocabulary: size.size } : { frames: size.frameSize };
}

/** @throws OptionError for parts that do not fit together */
function checked(given: Seq2SeqConfig): z.infer<typeof Seq2SeqConfig> {
  const config = checkOptions("Seq2Seq", Seq2SeqConfig, given);
  const { cell, hidden, layers, pyramid, tied, frames, sourceVocabulary: V, targetVocabulary: O } = config;
  const expect = expecting("Seq2Seq");
  expect(!config.passCell || cell === "lstm", "passCell", "cell lstm", cell, "only an LSTM has a cell state");
  if (config.bidirectional) {
    expect(!config.reverse, "reverse", "one way to read", "bidirectional too", "leave one of them out");
    expect(hidden % 2 === 0, "bidirectional", "an even hidden size", hidden, "each way has half of it");
  }
  const reads = [V !== undefined && "token ids", frames !== undefined && "frames"].filter((kind) => kind !== false);
  expect(
    reads.length === 1,
    "sourceVocabulary, frames",
    "one of them",
    reads.join(" and ") || "none",
    "a model reads one kind",
  );
  expect(
    pyramid < layers,
    "pyramid",
    `fewer than layers, ${layers}`,
    pyramid,
    "steps are joined between two layers: raise layers",
  );
  expect(pyramid === 0 || frames !== undefined, "pyramid", "frames", "token ids", "texts have no steps to spare");
  expectFittingDecoder(expect, config);
  expect(
    tied !== "all" || V === O,
    "tied",
    "one vocabulary for both sides",
    `${V === undefined ? "frames" : V} and ${O} tokens`,
    "share it, or tie the target",
  );
  return config;
}
