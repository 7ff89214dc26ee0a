import type * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { type CaptionerConfig, checkCaptioner } from "./captioner-config.js";
import type { PictureSize } from "./convolutions.js";
import { type DecoderTraining, EncoderDecoder } from "./encoder-decoder.js";
import { PictureEncoder } from "./picture-encoder.js";

/** Configuration without the sizes that follow from the data. */
export type CaptionerShape = Partial<
  Omit<z.input<typeof CaptionerConfig>, "kind" | "height" | "width" | "channels" | "targetVocabSize">
>;

/**
 * Image captioning model: a convolutional network and a decoder, trained together. Without blocks, only a decoder for the
 * features of a pretrained network, which is not trained (transfer learning).
 *
 * Source: Vinyals et al. 2015; with attention Xu et al. 2015.
 */
export class Captioner extends EncoderDecoder<CaptionerConfig> {
  /** @throws OptionError for options that do not fit together */
  constructor(backend: Backend, config: z.input<typeof CaptionerConfig>, training: DecoderTraining = {}) {
    super(backend, checkCaptioner(config), training, (own, dropout) => new PictureEncoder(backend, own, dropout));
  }

  /**
   * Makes a model for the pictures and the vocabulary of a task. Defaults: three blocks of 16, 32 and 64 channels,
   * embedding 64, hidden 256.
   *
   * @throws OptionError for options that do not fit together
   */
  static for(
    backend: Backend,
    {
      tokenizer: { source, target },
    }: {
      tokenizer: { readonly source: { readonly picture: PictureSize }; readonly target: { readonly size: number } };
    },
    shape: CaptionerShape = {},
    training: DecoderTraining = {},
  ): Captioner {
    const usual = { decoder: "plain", blocks: [16, 32, 64], embeddingSize: 64, hiddenSize: 256 } as const;
    return new Captioner(
      backend,
      { kind: "captioner", ...usual, ...shape, ...source.picture, targetVocabSize: target.size },
      training,
    );
  }
}
