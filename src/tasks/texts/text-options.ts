import * as z from "zod/mini";
import { checkOptions, describeOption, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { choice, modelOptions, Seed, size, trainingOptions } from "../training-options.js";

const { cell, layers, embeddingSize, hiddenSize, dropout, tieWeights } = modelOptions;
const { batchSize, epochs, maxSteps, optimizer, learningRate, lrSchedule, warmupSteps, patience, gradClip, init } =
  trainingOptions;

/** A language model and its training; missing options come from the preset. */
const TextChoices = z.object({
  tokenizer: choice("data", ["words", "characters"], "Split the text into words or characters"),
  vocabSize: size("data", "Words: keep at most this many, <unk> included; rarer ones are read as <unk>", 2_000_000),
  ...{ cell, layers, embeddingSize, hiddenSize, dropout, tieWeights, batchSize },
  seqLen: size("training", "Set the steps T of truncated back-propagation, in time steps", 4096),
  ...{ epochs, maxSteps, optimizer, learningRate, lrSchedule, warmupSteps },
  lrDecay: z
    .number()
    .check(
      z.minimum(1),
      describeOption("training", "Divide the learning rate by this factor when validation does not improve", "preset"),
    ),
  ...{ patience, gradClip, init },
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

/** Options of a language model: a preset, and changes to it. */
export const TextOptions = z.extend(z.partial(TextChoices), {
  preset: z.optional(
    z
      .enum(keysOf(textPresets))
      .check(describeOption("model", "Start from a preset", "rnnlm for words, characters for characters")),
  ),
  seed: z._default(Seed, 1),
});

/** A preset with its changes. */
export type TextSettings = TextChoices & { readonly preset: keyof typeof textPresets; readonly seed: number };

/** Fills in missing options. @throws OptionError for a value out of its range */
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
