import * as z from "zod/mini";
import { checkOptions, describeOption, keysOf } from "../../engine/check-options.js";
import { scorings } from "../../engine/layers/attention.js";
import { choice, flag, modelOptions, Seed, share, size, trainingOptions } from "../training-options.js";

const { tieWeights, cell, layers, hiddenSize, embeddingSize, dropout } = modelOptions;

/** The parts of a seq2seq model. */
const modelChoices = {
  decoder: choice(
    "model",
    ["plain", "peeky", "attention"],
    "Show the decoder the encoder's last state at its start (plain), at every step (peeky), or all states (attention)",
  ),
  attentionScore: choice("model", keysOf(scorings), "Choose the score of attention; needs the decoder attention"),
  attentionalHidden: flag("model", "Combine context and hidden state in a layer, Luong's attentional hidden state h̃"),
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
    z
      .string()
      .check(describeOption("data", "Use a different tokenizer for the targets (same choices)", "as for sources")),
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
      describeOption("training", "Feed the decoder its own predictions, rising to this share of the inputs", "preset"),
    ),
  init,
};

export const PairChoices = z.object({ ...modelChoices, ...textChoices, ...trainingChoices });
export type PairChoices = z.infer<typeof PairChoices>;

/** The book's chapter 7: one layer, nothing but the last state passes, a constant rate. */
const plain: PairChoices = {
  ...{
    decoder: "plain",
    attentionScore: "dot",
    attentionalHidden: false,
    inputFeeding: false,
    tieWeights: "none",
    cell: "lstm",
    layers: 1,
  },
  ...{ bidirectional: false, reverse: false, initCell: false, hiddenSize: 128, embeddingSize: 16, dropout: 0 },
  ...{
    tokenizer: "characters",
    vocabSize: 8000,
    lowercase: false,
    punctuation: "split",
    shareVocab: false,
    maxTrainLength: 400,
  },
  ...{
    batchSize: 128,
    epochs: 25,
    optimizer: "adam",
    learningRate: 0.001,
    lrSchedule: "constant",
    warmupSteps: 0,
    gradClip: 5,
  },
  ...{ labelSmoothing: 0, scheduledSampling: 0, init: "book" },
};

/** The book's chapter 8. */
const attention: PairChoices = { ...plain, decoder: "attention", reverse: true, hiddenSize: 256, epochs: 10 };

/** Texts of any length. */
const text: PairChoices = {
  ...plain,
  ...{ decoder: "attention", attentionScore: "scaled", attentionalHidden: true, bidirectional: true, initCell: true },
  ...{ hiddenSize: 256, embeddingSize: 128, dropout: 0.3, labelSmoothing: 0.1 },
  ...{ batchSize: 64, learningRate: 0.002, lrSchedule: "cosine", warmupSteps: 200, gradClip: 1, init: "wide" },
};

/** Those that are the book's, or for its files of fixed width. */
export const bookPresets: ReadonlySet<string> = new Set(["plain", "peeky", "attention", "dates"]);

/** Seq2seq models by name: what each is made of and how it is trained. */
export const pairPresets = {
  plain,
  /** The decoder sees the encoder's last state in every step. */
  peeky: { ...plain, decoder: "peeky" },
  attention,
  /** Default for free text, adjusted to the data. */
  text,
  /** Dates as people write them, to ISO dates. */
  dates: { ...attention, batchSize: 64, epochs: 5 },
  /** Sentences to sentences of another language. */
  translate: {
    ...text,
    ...{ tokenizer: "bpe", vocabSize: 6000, shareVocab: true, tieWeights: "all", hiddenSize: 384, embeddingSize: 256 },
    ...{ attentionScore: "general", dropout: 0.4, epochs: 20, init: "uniform" },
  },
  /** A long text to a short one. */
  summarize: { ...text, tokenizer: "words", vocabSize: 20_000, shareVocab: true, tieWeights: "all", epochs: 6 },
  /** A text with a question about it to the answer. */
  answer: { ...text, tokenizer: "words", vocabSize: 20_000, shareVocab: true, tieWeights: "all", epochs: 10 },
  /** An utterance to its reply. */
  chat: { ...text, tokenizer: "bpe", vocabSize: 4000, shareVocab: true, tieWeights: "all", epochs: 20 },
  /** Spelling to phonemes separated by spaces. */
  pronounce: {
    ...text,
    ...{ tokenizer: "characters", targetTokenizer: "words", punctuation: "keep", vocabSize: 1000 },
    ...{ embeddingSize: 64, dropout: 0.2, labelSmoothing: 0.05, batchSize: 128, epochs: 12 },
  },
  /** A small program to what it prints; an epoch is 500 steps. */
  execute: { ...text, embeddingSize: 32, dropout: 0, labelSmoothing: 0, batchSize: 128, epochs: 80 },
  /** A sum to its result, digits to the same digits; an epoch is 500 steps. */
  calculate: {
    ...plain,
    ...{ decoder: "peeky", reverse: true, initCell: true, hiddenSize: 256, embeddingSize: 32 },
    ...{ epochs: 40, learningRate: 0.003, lrSchedule: "cosine", warmupSteps: 100, gradClip: 1, init: "uniform" },
  },
  /** Sound, or frames of any other series, to what it says. */
  listen: {
    ...text,
    ...{ stackFrames: 3, pyramidLayers: 1, layers: 2, hiddenSize: 128, embeddingSize: 32, dropout: 0.3 },
    ...{ maxTrainLength: 2000, batchSize: 32, epochs: 12 },
  },
} as const satisfies Record<string, PairChoices>;

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

/** True if options or their preset set the tokenization: a file of fixed width is then read as free text. */
export function cutsTexts(options: PairOptions): boolean {
  const isGiven = textOptions.some((name) => options[name] !== undefined);
  return isGiven || (options.preset !== undefined && !bookPresets.has(options.preset));
}

/** Options that need attention are refused without it. */
const simple = { attentionalHidden: false, inputFeeding: false, tieWeights: "none", bidirectional: false } as const;

/** The models of the book's comparison, each with what makes it different from the others of its budget. */
export const comparedModels = {
  plain: { decoder: "plain", reverse: false, ...simple },
  reverse: { decoder: "plain", reverse: true, ...simple },
  peeky: { decoder: "peeky", reverse: true, ...simple },
  attention: { decoder: "attention", reverse: true, ...simple },
} as const satisfies Record<string, Partial<PairOptions>>;
