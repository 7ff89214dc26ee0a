import * as z from "zod/mini";
import { checkOptions } from "../engine/check-options.js";
import { sizeAfter } from "./convolutions.js";
import { decoderFields, expectFittingDecoder, expecting } from "./encoder-decoder.js";

const size = z.int().check(z.minimum(1));

/** Configuration of a captioner, as stored in the model file. */
export const CaptionerConfig = z.object({
  kind: z.literal("captioner"),
  /** Size of a picture, or of the feature map of another network; a single vector is a feature map of 1 × 1. */
  height: size,
  width: size,
  channels: size,
  /** Output channels of each block of the convolutional network; empty for feature maps of another network. */
  blocks: z.readonly(z.array(size).check(z.maxLength(8))),
  /**
   * Form in which the decoder gets the picture: as its initial `states`, or as a first `step` of input. With attention it
   * also reads the positions of the feature map.
   */
  first: z._default(z.enum(["states", "step"]), "states"),
  ...decoderFields,
});
/** Configuration of a captioner. */
export type CaptionerConfig = z.infer<typeof CaptionerConfig>;

/** Checks the configuration of a captioner. @throws OptionError for options that do not fit together */
export function checkCaptioner(given: z.input<typeof CaptionerConfig>): CaptionerConfig {
  const config = checkOptions("Captioner", CaptionerConfig, given);
  const { height, width, blocks, tieWeights } = config;
  const expect = expecting("Captioner");
  const left = sizeAfter(config, blocks);
  const most = `at most ${Math.floor(Math.log2(Math.min(height, width)))} for pictures of ${width} × ${height}`;
  expect(left.height > 0 && left.width > 0, "blocks", most, blocks.length, "each block halves height and width");
  expect(
    tieWeights !== "all",
    "tieWeights",
    "none or output",
    tieWeights,
    "a picture has no tokens to share an embedding with",
  );
  expectFittingDecoder(expect, config);
  return config;
}
