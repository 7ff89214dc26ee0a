import * as z from "zod/mini";
import { checkOptions, describeOption, keysOf } from "../../engine/check-options.js";
import { scorings } from "../../engine/layers/attention.js";
import { choice, flag, modelOptions, Seed, share, size, trainingOptions } from "../training-options.js";
import { bookPresets, pairPresets } from "./pair-presets.js";

const { tieWeights, cell, layers, hiddenSize, embeddingSize, dropout } = modelOptions;

/** The parts of a seq2seq model. */
const modelChoices = {
  decoder: choice(
    "model",
    ["plain", "peeky", "attention"],
    "Give the decoder the last encoder state once (plain), at every step (peeky), or all states (attention)",
  ),
  attentionScore: choice("model", keysOf(scorings), "Choose the attention score"),
  attentionalHidden: flag(
    "model",
    "Combine the context and the hidden state in a layer (Luong's attentional hidden state h̃)",
  ),
  inputFeeding: flag("model", "Feed the attentional hidden state of a step into the next step"),
  tieWeights,
  cell,
  layers,
  bidirectional: flag("model", "Read the source in both directions, each with half of the units"),
  reverse: flag("model", "Read the source backwards"),
  initCell: flag("model", "Start the decoder from the encoder's LSTM cell state too"),
  stackFrames: z.optional(size("model", "Sound, frames: stack this many consecutive frames into one", 1000)),
  pyramidLayers: z.optional(
    size("model", "Sound, frames: halve the time steps after each of this many encoder layers", 15, 0),
  ),
  hiddenSize,
  embeddingSize,
  dropout,
};

/** Tokenization. Files of fixed width are read as in the book, whatever these options are. */
const textChoices = {
  tokenizer: z
    .string()
    .check(
      describeOption(
        "data",
        "Split texts into characters, graphemes, words or bpe, or by a Hugging Face tokenizer.json",
        "preset",
      ),
    ),
  targetTokenizer: z.optional(
    z.string().check(describeOption("data", "Tokenize the targets in another way", "as for sources")),
  ),
  vocabSize: size("data", "Keep at most this many tokens; rarer ones are split or read as <unk>", 2_000_000, 2),
  lowercase: flag("data", "Lowercase all text"),
  punctuation: choice("data", ["keep", "split"], "Words: keep punctuation attached to its word, or split it off"),
  shareVocab: flag("data", "Share one vocabulary between sources and targets"),
  maxTrainLength: size("data", "Leave out training pairs with more tokens than this on either side", 100_000),
};

/** The names of the tokenization options. */
export const textOptions = keysOf(textChoices);

/** Training. */
const { init, ...common } = trainingOptions;
const trainingChoices = {
  ...common,
  labelSmoothing: share("training", "Spread this share of each label over all tokens"),
  scheduledSampling: z
    .number()
    .check(
      z.minimum(0),
      z.maximum(1),
      describeOption(
        "training",
        "Feed the decoder this share of its own predictions by the end of training (scheduled sampling)",
        "preset",
      ),
    ),
  init,
};

/** True if options or their preset set the tokenization: a file of fixed width is then read as free text. */
export function cutsTexts(options: PairOptions): boolean {
  const isGiven = textOptions.some((name) => options[name] !== undefined);
  return isGiven || (options.preset !== undefined && !bookPresets.has(options.preset));
}

export const PairChoices = z.object({ ...modelChoices, ...textChoices, ...trainingChoices });
export type PairChoices = z.infer<typeof PairChoices>;

/** Options of a seq2seq training run. Command-line flags, their help and the form in the studio are made from it. */
export const PairOptions = z.object({
  preset: z.optional(
    z
      .enum(keysOf(pairPresets))
      .check(
        describeOption(
          "model",
          "Start from a preset",
          "plain for files of fixed width, otherwise text, fitted to the data",
        ),
      ),
  ),
  ...z.partial(PairChoices).shape,
  seed: z._default(Seed, 1),
});
export type PairOptions = z.infer<typeof PairOptions>;
/** The tokenization options. */
export type TextOptions = Pick<PairOptions, (typeof textOptions)[number]>;

/** A preset with its changes. */
export type PairSettings = PairChoices & { readonly preset: string; readonly seed: number };

/**
 * Fills in missing options. @throws OptionError for what is out of its range
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
    delete changes.targetTokenizer; // as `tokenizer`, unless it is given too
    delete changes.vocabSize; // suggested for other tokens
  }
  const chosen = checkOptions("pairSettings", PairChoices, { ...pairPresets[preset], ...changes, ...given });
  return { ...override(chosen, new Set(Object.keys(given))), preset, seed: options.seed };
}

/** Changes to values of a preset that contradict given options. Given options are never changed. */
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
