import * as z from "zod/mini";
import { checkOptions, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { cells } from "../../engine/layers/cells.js";
import { initializers } from "../../engine/layers/initialize.js";
import { weightTyings } from "../../engine/layers/token-head.js";
import { optimizers, schedules } from "../../engine/optim/optimizer.js";
import { Seed } from "../pairs/pair-options.js";

const size = (description: string, most = 65_536) =>
  z.int().check(z.minimum(1), z.maximum(most), z.describe(description));

/** Options of a language model and its training; the preset gives the defaults. */
const TextChoices = z.object({
  tokenizer: z.enum(["words", "characters"]).check(z.describe("what the text is cut into")),
  vocabSize: size("words: how many different ones, <unk> among them; the rarer are read as <unk>", 2_000_000),
  cell: z.enum(keysOf(cells)).check(z.describe("the recurrent layer")),
  layers: size("recurrent layers", 16),
  embeddingSize: size("size of a token's vector D"),
  hiddenSize: size("hidden size H"),
  dropout: z.number().check(z.minimum(0), z.lt(1), z.describe("share of values zeroed between layers while training")),
  tieWeights: z
    .enum(weightTyings)
    .check(z.describe("output, all: the embedding is the last layer's weight too; needs two sizes that are equal")),
  batchSize: size("sequences in a batch N: parallel streams of the text"),
  seqLen: size("time steps of truncated back-propagation T", 4096),
  epochs: z.int().check(z.minimum(0), z.maximum(1_000_000), z.describe("times the training set is gone through")),
  maxSteps: z.optional(z.int().check(z.minimum(0), z.describe("end after this many steps, whatever the epochs say"))),
  optimizer: z.enum(keysOf(optimizers)).check(z.describe("how gradients change weights")),
  learningRate: z.number().check(z.gt(0), z.maximum(1000), z.describe("learning rate")),
  lrSchedule: z.enum(keysOf(schedules)).check(z.describe("how the learning rate falls")),
  warmupSteps: z.int().check(z.minimum(0), z.describe("steps in which the learning rate rises from 0")),
  lrDecay: z
    .number()
    .check(z.minimum(1), z.describe("divide the learning rate by this when validation does not improve")),
  patience: z.optional(
    z.int().check(z.minimum(1), z.describe("stop after so many epochs without a better validation")),
  ),
  gradClip: z.number().check(z.gt(0), z.describe("largest L2 norm of the gradient; a longer one is scaled down to it")),
  init: z.enum(keysOf(initializers)).check(z.describe("how weights are first drawn")),
});
type TextChoices = z.infer<typeof TextChoices>;

const book: TextChoices = {
  ...{
    tokenizer: "words",
    vocabSize: 10_000,
    cell: "lstm",
    layers: 1,
    embeddingSize: 100,
    hiddenSize: 100,
    dropout: 0,
    tieWeights: "none",
  },
  ...{
    batchSize: 20,
    seqLen: 35,
    epochs: 4,
    optimizer: "sgd",
    learningRate: 20,
    lrSchedule: "constant",
  },
  ...{ warmupSteps: 0, lrDecay: 1, gradClip: 0.25, init: "book" },
};

/** Language models by name: what each is made of and how it is trained. */
export const textPresets = {
  /** The book's chapter 6, one layer of 100. */
  rnnlm: book,
  /** The book's chapter 6.5: two layers of 650 with dropout and tied weights. */
  "better-rnnlm": {
    ...book,
    layers: 2,
    embeddingSize: 650,
    hiddenSize: 650,
    dropout: 0.5,
    tieWeights: "output",
    epochs: 40,
    lrDecay: 4,
  },
  /** Two layers of 256 over characters. */
  characters: {
    ...book,
    ...{
      tokenizer: "characters",
      layers: 2,
      embeddingSize: 64,
      hiddenSize: 256,
      dropout: 0.2,
      batchSize: 32,
      seqLen: 64,
      epochs: 10,
    },
    ...{ optimizer: "adam", learningRate: 0.003, lrSchedule: "cosine", warmupSteps: 50, gradClip: 1, init: "uniform" },
  },
} as const satisfies Record<string, TextChoices>;

/** The command line's form of it: the preset's name, and what is to differ from the preset. */
export const TextOptions = z.extend(z.partial(TextChoices), {
  preset: z.optional(
    z.enum(keysOf(textPresets)).check(z.describe("preset (default: rnnlm for words, characters for characters)")),
  ),
  seed: z._default(Seed, 1),
});

/** A preset with its changes. */
export type TextSettings = TextChoices & { readonly preset: keyof typeof textPresets; readonly seed: number };

/** Fills in what was not given. */
export function textSettings(options: z.infer<typeof TextOptions>): TextSettings {
  checkOptions("textSettings", TextOptions, options);
  const name = options.preset ?? (options.tokenizer === "characters" ? "characters" : "rnnlm");
  const preset: TextChoices = textPresets[name];
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const chosen = checkOptions("textSettings", TextChoices, { ...preset, ...given });
  if (chosen.tieWeights !== "none" && chosen.embeddingSize !== chosen.hiddenSize)
    throw new OptionError(
      `tieWeights: expected embeddingSize and hiddenSize to be equal, got ${chosen.embeddingSize} and ${chosen.hiddenSize}.`,
    );
  return { ...chosen, preset: name, seed: options.seed };
}
