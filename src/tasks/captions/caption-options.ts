import * as z from "zod/mini";
import { checkOptions, describeOption, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { PairChoices } from "../pairs/pair-options.js";
import { choice, Seed } from "../training-options.js";

const numbers = (sentence: string) =>
  z
    .string()
    .check(
      z.refine(isColour, "three numbers R,G,B from 0 to 1"),
      describeOption("data", `${sentence}, as R,G,B from 0 to 1`, "ImageNet's"),
    );

function isColour(text: string): boolean {
  const parts = text.split(",");
  return parts.length === 3 && parts.every((part) => part.trim() !== "" && Number(part) >= 0 && Number(part) <= 1);
}

/** The format of pictures, and the network that reads them. */
const pictureChoices = {
  size: z.optional(
    z
      .int()
      .check(
        z.minimum(4),
        z.maximum(1024),
        describeOption(
          "data",
          "Resize pictures to squares of this side, in pixels",
          "48; with a CNN its input size, or 224",
        ),
      ),
  ),
  cnn: z.optional(
    z
      .string()
      .check(z.minLength(1), describeOption("model", "Read pictures with this frozen image network, an ONNX file")),
  ),
  cnnOutput: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        describeOption("model", "Read this output or inner value of the image network", "its first output"),
      ),
  ),
  mean: z.optional(numbers("Subtract this from each channel")),
  deviation: z.optional(numbers("Divide each channel by this")),
  channelOrder: z.optional(
    z.enum(["rgb", "bgr"]).check(describeOption("data", "Choose the order of the channels", "rgb")),
  ),
};
export const PictureChoices = z.object(pictureChoices);
export type PictureChoices = z.infer<typeof PictureChoices>;

const CaptionChoices = z.object({
  ...{
    decoder: PairChoices.shape.decoder,
    first: choice(
      "model",
      ["states", "step"],
      "Give the decoder the picture as its initial states, or as its first input step",
    ),
    blocks: z
      .string()
      .check(
        z.regex(/^([1-9]\d*(,[1-9]\d*){0,7}|none)$/, "up to 8 numbers of channels, each at least 1, or none"),
        describeOption(
          "model",
          "List the channels of the convolutions, each of which halves height and width: 16,32,64, or none",
          "preset",
        ),
      ),
  },
  ...z.pick(PairChoices, {
    ...{
      attentionScore: true,
      attentionalHidden: true,
      inputFeeding: true,
      tieWeights: true,
      cell: true,
      layers: true,
    },
    ...{ hiddenSize: true, embeddingSize: true, dropout: true },
    ...{ tokenizer: true, vocabSize: true, lowercase: true, punctuation: true, maxTrainLength: true },
    ...{
      batchSize: true,
      epochs: true,
      maxSteps: true,
      optimizer: true,
      learningRate: true,
      lrSchedule: true,
      warmupSteps: true,
    },
    ...{ patience: true, gradClip: true, labelSmoothing: true, scheduledSampling: true, init: true },
  }).shape,
});
export type CaptionChoices = z.infer<typeof CaptionChoices>;

const pixels: CaptionChoices = {
  ...{ decoder: "attention", first: "states", blocks: "16,32,64" },
  ...{
    attentionScore: "scaled",
    attentionalHidden: true,
    inputFeeding: false,
    tieWeights: "none",
    cell: "lstm",
    layers: 1,
  },
  ...{ hiddenSize: 256, embeddingSize: 64, dropout: 0 },
  ...{ tokenizer: "words", vocabSize: 10_000, lowercase: true, punctuation: "split", maxTrainLength: 100 },
  ...{
    batchSize: 64,
    epochs: 10,
    optimizer: "adam",
    learningRate: 0.004,
    lrSchedule: "cosine",
    warmupSteps: 200,
    gradClip: 1,
  },
  ...{ labelSmoothing: 0, scheduledSampling: 0, init: "wide" },
};

/** Captioners by name. */
export const captionPresets = {
  /** A small network of convolutions that learns together with the decoder. */
  pixels,
  /** A decoder on the features of a frozen image network. */
  transfer: { ...pixels, blocks: "none" },
} as const satisfies Record<string, CaptionChoices>;

/** Options of a training run on captions. */
export const CaptionOptions = z.object({
  preset: z.optional(
    z
      .enum(keysOf(captionPresets))
      .check(describeOption("model", "Start from a preset", "transfer with a CNN, otherwise pixels")),
  ),
  ...z.partial(CaptionChoices).shape,
  ...pictureChoices,
  seed: z._default(Seed, 1),
});
export type CaptionOptions = z.infer<typeof CaptionOptions>;

/** A preset with its changes. */
export type CaptionSettings = CaptionChoices & PictureChoices & { readonly preset: string; readonly seed: number };

/** Fills in missing options. @throws OptionError for a value out of its range, or an option that the others exclude */
export function captionSettings(options: CaptionOptions): CaptionSettings {
  checkOptions("captionSettings", CaptionOptions, options);
  const { preset = options.cnn === undefined ? "pixels" : "transfer", seed, ...others } = options;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const chosen = checkOptions("captionSettings", CaptionChoices, { ...captionPresets[preset], ...given });
  const looks = chosen.decoder === "attention";
  const { cnn, attentionScore, attentionalHidden } = options;
  for (const [fits, name, expected, got] of [
    [preset !== "transfer" || cnn !== undefined, "preset", "`cnn` with transfer", "none"],
    [looks || attentionScore === undefined, "attentionScore", "`decoder` attention", chosen.decoder],
    [looks || !attentionalHidden, "attentionalHidden", "`decoder` attention", chosen.decoder],
  ] as const)
    if (!fits) throw new OptionError(`${name}: expected ${expected}, got ${got}.`);
  const fitting = looks ? chosen : { ...chosen, attentionalHidden: options.attentionalHidden ?? false };
  return { ...fitting, ...checkOptions("captionSettings", PictureChoices, given), preset, seed };
}

/** Steps in which a captioner becomes good. */
const STEPS = 12_000;

/** Default number of epochs: the more captions, the fewer epochs. */
export function suggestEpochs(captions: number, batchSize: number): number {
  return Math.max(5, Math.min(60, Math.round((STEPS * batchSize) / captions)));
}

/** Numbers of a comma-separated list. */
export function listOf(text: string): number[] {
  return text === "none" ? [] : text.split(",").map(Number);
}
