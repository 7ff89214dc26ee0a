import * as z from "zod/mini";
import { checkOptions, keysOf } from "../../engine/check-options.js";
import { scorings } from "../../engine/layers/attention.js";
import { cells } from "../../engine/layers/cells.js";
import { initializers } from "../../engine/layers/initialize.js";
import { weightTyings } from "../../engine/layers/token-head.js";
import { optimizers, schedules } from "../../engine/optim/optimizer.js";
import { bookPresets, pairPresets } from "./pair-presets.js";

const size = (description: string, most = 65_536, least = 1) =>
  z.int().check(z.minimum(least), z.maximum(most), z.describe(description));
const share = (description: string) => z.number().check(z.minimum(0), z.lt(1), z.describe(description));
const flag = (description: string) => z.boolean().check(z.describe(description));

/** The seed of everything that is drawn. */
export const Seed = z
  .int()
  .check(z.minimum(0), z.maximum(2 ** 32 - 1), z.describe("where all random numbers come from"));

/** What a seq2seq is made of. */
const modelChoices = {
  decoder: z
    .enum(["plain", "peeky", "attention"])
    .check(z.describe("what it sees of the source: its last state at first, in every step, or all of it")),
  attentionScore: z.enum(keysOf(scorings)).check(z.describe("how attention scores a position")),
  attentionalHidden: flag("combine attention and hidden state by a layer (Luong's h̃)"),
  inputFeeding: flag("show each step the combined state of the step before"),
  tieWeights: z
    .enum(weightTyings)
    .check(z.describe("output: the target's embedding is the last weight too; all: and the source's embedding")),
  cell: z.enum(keysOf(cells)).check(z.describe("the recurrent layer of encoder and decoder")),
  layers: size("recurrent layers of encoder and decoder", 16),
  bidirectional: flag("read the source both ways, each with half of the units"),
  reverse: flag("read the source from its end"),
  initCell: flag("hand an LSTM's cell state to the decoder too"),
  stackFrames: z.optional(size("sound, frames: so many in a row are made one before they are read", 1000)),
  pyramidLayers: z.optional(
    size("sound, frames: after so many of the encoder's layers each two time steps become one", 15, 0),
  ),
  hiddenSize: size("hidden size H"),
  embeddingSize: size("size of a token's vector D"),
  dropout: share("share of values zeroed before and after recurrent layers while training"),
};

/** How text becomes tokens; files of fixed width are read as the book reads them, whatever is said here. */
const textChoices = {
  tokenizer: z
    .string()
    .check(z.describe("what texts are cut into: characters, graphemes, words, bpe, or a Hugging Face tokenizer.json")),
  targetTokenizer: z.optional(z.string().check(z.describe("the same for targets (default: as --tokenizer)"))),
  vocabSize: size("different tokens at most; the rarer are cut into smaller ones, or read as <unk>", 2_000_000, 2),
  lowercase: flag("read everything in small letters"),
  punctuation: z
    .enum(["keep", "split"])
    .check(z.describe("words: punctuation stays part of the word it touches, or becomes words of its own")),
  shareVocab: flag("one vocabulary for both sides"),
  maxTrainLength: size("pairs of which a side has more tokens are not trained on", 100_000),
};

/** The options that say how texts are cut. */
export const textOptions = keysOf(textChoices);

/** How it is trained. */
const trainingChoices = {
  batchSize: size("sequences in a batch N"),
  epochs: z.int().check(z.minimum(0), z.maximum(1_000_000), z.describe("times the training set is gone through")),
  maxSteps: z.optional(z.int().check(z.minimum(0), z.describe("end after this many steps, whatever the epochs say"))),
  optimizer: z.enum(keysOf(optimizers)).check(z.describe("how gradients change weights")),
  learningRate: z.number().check(z.gt(0), z.maximum(1000), z.describe("learning rate")),
  lrSchedule: z.enum(keysOf(schedules)).check(z.describe("how the learning rate falls")),
  warmupSteps: z.int().check(z.minimum(0), z.describe("steps in which the learning rate rises from 0")),
  patience: z.optional(
    z.int().check(z.minimum(1), z.describe("stop after so many epochs without a better validation")),
  ),
  gradClip: z.number().check(z.gt(0), z.describe("largest L2 norm of the gradient; a longer one is scaled down to it")),
  labelSmoothing: share("share of each label that is spread over all tokens"),
  scheduledSampling: z
    .number()
    .check(
      z.minimum(0),
      z.maximum(1),
      z.describe("share of the decoder's inputs that are its own predictions, at the end"),
    ),
  init: z.enum(keysOf(initializers)).check(z.describe("how weights are first drawn")),
};

/** Whether options say how texts are cut, themselves or by their preset: a file of fixed width is then no longer one. */
export function cutsTexts(options: PairOptions): boolean {
  const isGiven = textOptions.some((name) => options[name] !== undefined);
  return isGiven || (options.preset !== undefined && !bookPresets.has(options.preset));
}

export const PairChoices = z.object({ ...modelChoices, ...textChoices, ...trainingChoices });
export type PairChoices = z.infer<typeof PairChoices>;

/** What a seq2seq training run can be given. Command-line flags, their help and the form in the studio are made from it. */
export const PairOptions = z.object({
  preset: z.optional(
    z
      .enum(keysOf(pairPresets))
      .check(z.describe("preset (default: plain for files of fixed width, else text as the data suggest)")),
  ),
  ...z.partial(PairChoices).shape,
  seed: z._default(Seed, 1),
});
export type PairOptions = z.infer<typeof PairOptions>;
/** Of those options the ones that say how texts are cut. */
export type TextOptions = Pick<PairOptions, (typeof textOptions)[number]>;

/** A preset with its changes. */
export type PairSettings = PairChoices & { readonly preset: string; readonly seed: number };

/**
 * Fills in what was not given. @throws OptionError for what is out of its range
 * @param fallback the preset where none was named, and what the data suggest instead of its values
 */
export function pairSettings(
  options: PairOptions,
  fallback: { readonly preset: keyof typeof pairPresets; readonly changes?: Partial<PairChoices> } = {
    preset: "plain",
  },
): PairSettings {
  checkOptions("pairSettings", PairOptions, options);
  const changes = options.preset === undefined ? { ...fallback.changes } : {};
  const preset = options.preset ?? fallback.preset;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (given["tokenizer"] !== undefined) {
    delete changes.targetTokenizer; // as --tokenizer, unless that is given too
    delete changes.vocabSize; // suggested for other tokens
  }
  const chosen = checkOptions("pairSettings", PairChoices, { ...pairPresets[preset], ...changes, ...given });
  return { ...override(chosen, new Set(Object.keys(given))), preset, seed: options.seed };
}

/** What of a preset cannot be together with what was given is overridden. What was given never is. */
const overrides: readonly [when: (settings: PairChoices) => boolean, change: Partial<PairChoices>][] = [
  [({ cell }) => cell !== "lstm", { initCell: false }],
  [({ decoder }) => decoder !== "attention", { attentionalHidden: false, inputFeeding: false, tieWeights: "none" }],
  [({ inputFeeding }) => inputFeeding, { attentionalHidden: true }],
  [({ reverse, bidirectional }) => reverse && bidirectional, { bidirectional: false }],
  [({ reverse, bidirectional }) => reverse && bidirectional, { reverse: false }],
  [({ hiddenSize, bidirectional }) => bidirectional && hiddenSize % 2 === 1, { bidirectional: false }],
  [({ layers, pyramidLayers = 0 }) => pyramidLayers >= layers, { pyramidLayers: 0 }],
  [({ attentionalHidden }) => !attentionalHidden, { inputFeeding: false, tieWeights: "none" }],
  [({ tokenizer, targetTokenizer = tokenizer }) => tokenizer !== targetTokenizer, { shareVocab: false }],
  [({ shareVocab, tieWeights }) => !shareVocab && tieWeights === "all", { tieWeights: "none" }],
];

function override(settings: PairChoices, given: ReadonlySet<string>): PairChoices {
  let chosen = settings;
  for (const [when, change] of overrides) {
    const free = Object.fromEntries(Object.entries(change).filter(([option]) => !given.has(option)));
    if (when(chosen)) chosen = { ...chosen, ...free };
  }
  return chosen;
}
