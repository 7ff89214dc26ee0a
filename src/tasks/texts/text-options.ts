import * as z from "zod/mini";
import { checkOptions, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { cells } from "../../engine/layers/cells.js";
import { initializers } from "../../engine/layers/initialize.js";
import { optimizers, schedules } from "../../engine/optim/optimizer.js";
import { Seed } from "../pairs/pair-options.js";

const size = (description: string, most = 65_536) =>
  z.int().check(z.minimum(1), z.maximum(most), z.describe(description));

/** What a language model and its training can be told; what is not told comes from the preset. */
const TextChoices = z.object({
  tokens: z.enum(["words", "characters"]).check(z.describe("what the text is cut into")),
  vocabulary: size("words: how many different ones, <unk> among them; the rarer are read as <unk>", 2_000_000),
  cell: z.enum(keysOf(cells)).check(z.describe("the recurrent layer")),
  layers: size("recurrent layers", 16),
  embedding: size("size of a token's vector D"),
  hidden: size("hidden size H"),
  dropout: z.number().check(z.minimum(0), z.lt(1), z.describe("share of values zeroed between layers while training")),
  tied: z.boolean().check(z.describe("the embedding is the last layer's weight too; needs embedding = hidden")),
  batch: size("parallel streams N"),
  time: size("steps in a window T", 4096),
  epochs: z.int().check(z.minimum(0), z.maximum(1_000_000), z.describe("times the training part is gone through")),
  updates: z.optional(z.int().check(z.minimum(0), z.describe("end after so many updates, whatever the epochs say"))),
  optimizer: z.enum(keysOf(optimizers)).check(z.describe("how gradients change weights")),
  rate: z.number().check(z.gt(0), z.maximum(1000), z.describe("learning rate")),
  schedule: z.enum(keysOf(schedules)).check(z.describe("how the rate falls")),
  warmup: z.int().check(z.minimum(0), z.describe("updates in which the rate rises from 0")),
  divide: z.number().check(z.minimum(1), z.describe("divide the rate by this when validation does not improve")),
  patience: z.optional(
    z.int().check(z.minimum(1), z.describe("stop after so many epochs without a better validation")),
  ),
  clip: z.number().check(z.gt(0), z.describe("longest gradient that is not shortened")),
  init: z.enum(keysOf(initializers)).check(z.describe("how weights are first drawn")),
});
type TextChoices = z.infer<typeof TextChoices>;

const book: TextChoices = {
  ...{
    tokens: "words",
    vocabulary: 10_000,
    cell: "lstm",
    layers: 1,
    embedding: 100,
    hidden: 100,
    dropout: 0,
    tied: false,
  },
  ...{
    batch: 20,
    time: 35,
    epochs: 4,
    optimizer: "sgd",
    rate: 20,
    schedule: "constant",
  },
  ...{ warmup: 0, divide: 1, clip: 0.25, init: "book" },
};

/** Language models by name: what each is made of and how it is trained. */
export const textPresets = {
  /** The book's chapter 6, one layer of 100. */
  rnnlm: book,
  /** The book's chapter 6.5: two layers of 650 with dropout and tied weights. */
  "better-rnnlm": { ...book, layers: 2, embedding: 650, hidden: 650, dropout: 0.5, tied: true, epochs: 40, divide: 4 },
  /** Two layers of 256 over characters. */
  characters: {
    ...book,
    ...{ tokens: "characters", layers: 2, embedding: 64, hidden: 256, dropout: 0.2, batch: 32, time: 64, epochs: 10 },
    ...{ optimizer: "adam", rate: 0.003, schedule: "cosine", warmup: 50, clip: 1, init: "uniform" },
  },
} as const satisfies Record<string, TextChoices>;

/** The command line's form of it: the preset's name, and what is to differ from the preset. */
export const TextOptions = z.extend(z.partial(TextChoices), {
  model: z.optional(
    z.enum(keysOf(textPresets)).check(z.describe("preset (default: rnnlm for words, characters for characters)")),
  ),
  seed: z._default(Seed, 1),
});

/** A preset with its changes. */
export type TextSettings = TextChoices & { readonly model: keyof typeof textPresets; readonly seed: number };

/** Fills in what was not told. */
export function textSettings(options: z.infer<typeof TextOptions>): TextSettings {
  checkOptions("textSettings", TextOptions, options);
  const model = options.model ?? (options.tokens === "characters" ? "characters" : "rnnlm");
  const preset: TextChoices = textPresets[model];
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const chosen = checkOptions("textSettings", TextChoices, { ...preset, ...given });
  if (chosen.tied && chosen.embedding !== chosen.hidden)
    throw new OptionError(
      `--tied: expected --embedding and --hidden of one size, got ${chosen.embedding} and ${chosen.hidden}.`,
    );
  return { ...chosen, model, seed: options.seed };
}
