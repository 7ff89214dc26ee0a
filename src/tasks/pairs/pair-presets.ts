import type { PairChoices } from "./pair-options.js";

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
  /** What is taken where no preset is named, with the changes that the data suggest. */
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
  /** What somebody says to what is said back. */
  chat: { ...text, tokenizer: "bpe", vocabSize: 4000, shareVocab: true, tieWeights: "all", epochs: 20 },
  /** Spelling to phonemes, which are parted by blanks. */
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
