import * as z from "zod/mini";
import { checkOptions } from "../engine/check-options.js";
import { sizeAfter } from "./convolutions.js";
import { decoderFields } from "./encoder-decoder.js";
import { expectFittingDecoder, expecting } from "./fitting.js";

const size = z.int().check(z.minimum(1));

/** What a captioner is made of: all of it stands in the model file. */
export const CaptionerConfig = z.object({
  kind: z.literal("captioner"),
  /** Of a picture, or of the grid that another network has made of it; a single vector is a grid of 1 × 1. */
  height: size,
  width: size,
  channels: size,
  /** The channels that come out of each block of the convolutional network; none: what is read is such a grid already. */
  blocks: z.readonly(z.array(size).check(z.maxLength(8))),
  /**
   * How the decoder is given the picture: as its first `states`, or as a first `step` of input. Where it has attention it
   * looks at the places of the grid, too.
   */
  first: z._default(z.enum(["states", "step"]), "states"),
  ...decoderFields,
});
export type CaptionerConfig = z.infer<typeof CaptionerConfig>;

/** @throws OptionError for parts that do not fit together */
export function checkCaptioner(given: z.input<typeof CaptionerConfig>): CaptionerConfig {
  const config = checkOptions("Captioner", CaptionerConfig, given);
  const { height, width, blocks, tieWeights } = config;
  const expect = expecting("Captioner");
  const left = sizeAfter(config, blocks);
  const most = `at most ${Math.floor(Math.log2(Math.min(height, width)))} for pictures of ${width} × ${height}`;
  expect(left.height > 0 && left.width > 0, "blocks", most, blocks.length, "each halves height and width");
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
