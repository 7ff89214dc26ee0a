import type * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { type CaptionerConfig, checkCaptioner } from "./captioner-config.js";
import type { PictureSize } from "./convolutions.js";
import { type DecoderTraining, EncoderDecoder } from "./encoder-decoder.js";
import { PictureEncoder } from "./picture-encoder.js";

/** What of a configuration the data do not decide. */
export type CaptionerShape = Partial<
  Omit<z.input<typeof CaptionerConfig>, "kind" | "height" | "width" | "channels" | "targetVocabSize">
>;

/**
 * Pictures in, sentences out: a convolutional network and a decoder, trained together. Or, without blocks, a decoder for
 * what a network that stays as it is has made of the pictures (transfer).
 *
 * Source: Vinyals et al. 2015; with attention Xu et al. 2015.
 */
export class Captioner extends EncoderDecoder<CaptionerConfig> {
  /** @throws OptionError for parts that do not fit together */
  constructor(backend: Backend, config: z.input<typeof CaptionerConfig>, training: DecoderTraining = {}) {
    super(backend, checkCaptioner(config), training, (own, dropout) => new PictureEncoder(backend, own, dropout));
  }

  /** A model for the pictures and the vocabulary of a task. */
  static for(
    backend: Backend,
    { tokenizer }: { tokenizer: { readonly picture: PictureSize; readonly targetSize: number } },
    shape: CaptionerShape = {},
    training: DecoderTraining = {},
  ): Captioner {
    const { picture, targetSize: targetVocabSize } = tokenizer;
    const usual = { decoder: "plain", blocks: [16, 32, 64], embeddingSize: 64, hiddenSize: 256 } as const;
    return new Captioner(backend, { kind: "captioner", ...usual, ...shape, ...picture, targetVocabSize }, training);
  }
}
