import * as z from "zod/mini";
import { checkOptions, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { PairChoices, Seed } from "../pairs/pair-options.js";

const numbers = (description: string) =>
  z
    .string()
    .check(z.refine(isColour, "three numbers R,G,B from 0 to 1"), z.describe(`${description}, as R,G,B from 0 to 1`));

function isColour(text: string): boolean {
  const parts = text.split(",");
  return parts.length === 3 && parts.every((part) => part.trim() !== "" && Number(part) >= 0 && Number(part) <= 1);
}

/** What pictures are brought to, and the network that reads them. */
const pictureChoices = {
  size: z.optional(
    z
      .int()
      .check(
        z.minimum(4),
        z.maximum(1024),
        z.describe("pixels of a picture's sides (default: 48, or what the network of --cnn is made for, or else 224)"),
      ),
  ),
  cnn: z.optional(
    z
      .string()
      .check(z.minLength(1), z.describe("image network in ONNX form that reads the pictures, and stays as it is")),
  ),
  cnnOutput: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.describe("what of it is read, be it an output or on the way (default: its first output)"),
      ),
  ),
  mean: z.optional(numbers("what is taken from each channel (default: ImageNet's)")),
  deviation: z.optional(numbers("what each channel is then divided by (default: ImageNet's)")),
  channelOrder: z.optional(z.enum(["rgb", "bgr"]).check(z.describe("order of the channels (default: rgb)"))),
};
export const PictureChoices = z.object(pictureChoices);
export type PictureChoices = z.infer<typeof PictureChoices>;

const CaptionChoices = z.object({
  ...{
    decoder: PairChoices.shape.decoder,
    first: z
      .enum(["states", "step"])
      .check(z.describe("how the decoder is given the picture: as its first states, or as a first step of input")),
    blocks: z
      .string()
      .check(
        z.regex(/^([1-9]\d*(,[1-9]\d*){0,7}|none)$/, "up to 8 numbers of channels, each at least 1, or none"),
        z.describe("channels of the convolutions, each of which halves height and width: 16,32,64, or none"),
      ),
  },
  ...z.pick(PairChoices, {
    ...{ attention: true, combine: true, inputFeeding: true, tied: true, cell: true, layers: true },
    ...{ hidden: true, embedding: true, dropout: true },
    ...{ tokens: true, vocabulary: true, lowercase: true, punctuation: true, longest: true },
    ...{ batch: true, epochs: true, updates: true, optimizer: true, rate: true, schedule: true, warmup: true },
    ...{ patience: true, clip: true, smoothing: true, sampling: true, init: true },
  }).shape,
});
export type CaptionChoices = z.infer<typeof CaptionChoices>;

const pixels: CaptionChoices = {
  ...{ decoder: "attention", first: "states", blocks: "16,32,64" },
  ...{ attention: "scaled", combine: true, inputFeeding: false, tied: "no", cell: "lstm", layers: 1 },
  ...{ hidden: 256, embedding: 64, dropout: 0 },
  ...{ tokens: "words", vocabulary: 10_000, lowercase: true, punctuation: "split", longest: 100 },
  ...{ batch: 64, epochs: 10, optimizer: "adam", rate: 0.004, schedule: "cosine", warmup: 200, clip: 1 },
  ...{ smoothing: 0, sampling: 0, init: "wide" },
};

/** Captioners by name. */
export const captionPresets = {
  /** A small network of convolutions that learns together with the decoder. */
  pixels,
  /** A decoder for what another network, which stays as it is, says of the pictures. */
  transfer: { ...pixels, blocks: "none" },
} as const satisfies Record<string, CaptionChoices>;

/** What a training run on captions can be told. */
export const CaptionOptions = z.object({
  model: z.optional(
    z.enum(keysOf(captionPresets)).check(z.describe("preset (default: transfer with --cnn, else pixels)")),
  ),
  ...z.partial(CaptionChoices).shape,
  ...pictureChoices,
  seed: z._default(Seed, 1),
});
export type CaptionOptions = z.infer<typeof CaptionOptions>;

/** A preset with its changes. */
export type CaptionSettings = CaptionChoices & PictureChoices & { readonly model: string; readonly seed: number };

/** Fills in what was not told. @throws OptionError for what is out of its range, or of no use beside the rest */
export function captionSettings(options: CaptionOptions): CaptionSettings {
  checkOptions("captionSettings", CaptionOptions, options);
  const { model = options.cnn === undefined ? "pixels" : "transfer", seed, ...others } = options;
  const given = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  const chosen = checkOptions("captionSettings", CaptionChoices, { ...captionPresets[model], ...given });
  const looks = chosen.decoder === "attention";
  const { cnn, attention, combine } = options;
  for (const [fits, name, expected, got] of [
    [model !== "transfer" || cnn !== undefined, "model", "--cnn with transfer", "none"],
    [looks || attention === undefined, "attention", "--decoder attention", chosen.decoder],
    [looks || !combine, "combine", "--decoder attention", chosen.decoder],
  ] as const)
    if (!fits) throw new OptionError(`--${name}: expected ${expected}, got ${got}.`);
  const fitting = looks ? chosen : { ...chosen, combine: options.combine ?? false };
  return { ...fitting, ...checkOptions("captionSettings", PictureChoices, given), model, seed };
}

/** Updates in which a captioner becomes good. */
const UPDATES = 12_000;

/** Epochs for so many captions to train on, where nothing is said: a few of many, more of few. */
export function suggestEpochs(captions: number, batch: number): number {
  return Math.max(5, Math.min(60, Math.round((UPDATES * batch) / captions)));
}

/** The numbers of a list with commas between. */
export function listOf(text: string): number[] {
  return text === "none" ? [] : text.split(",").map(Number);
}
