import type { PairChoices } from "./pair-options.js";

/** The book's chapter 7: one layer, nothing but the last state passes, a constant rate. */
const plain: PairChoices = {
  ...{ decoder: "plain", attention: "dot", combine: false, inputFeeding: false, tied: "no", cell: "lstm", layers: 1 },
  ...{ bidirectional: false, reverse: false, passCell: false, hidden: 128, embedding: 16, dropout: 0 },
  ...{ tokens: "characters", vocabulary: 8000, lowercase: false, punctuation: "split", shared: false, longest: 400 },
  ...{ batch: 128, epochs: 25, optimizer: "adam", rate: 0.001, schedule: "constant", warmup: 0, clip: 5 },
  ...{ smoothing: 0, sampling: 0, init: "book" },
};

/** The book's chapter 8. */
const attention: PairChoices = { ...plain, decoder: "attention", reverse: true, hidden: 256, epochs: 10 };

/** Texts of any length. */
const text: PairChoices = {
  ...plain,
  ...{ decoder: "attention", attention: "scaled", combine: true, bidirectional: true, passCell: true },
  ...{ hidden: 256, embedding: 128, dropout: 0.3, smoothing: 0.1 },
  ...{ batch: 64, rate: 0.002, schedule: "cosine", warmup: 200, clip: 1, init: "wide" },
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
  dates: { ...attention, batch: 64, epochs: 5 },
  /** Sentences to sentences of another language. */
  translate: {
    ...text,
    ...{ tokens: "bpe", vocabulary: 6000, shared: true, tied: "all", hidden: 384, embedding: 256 },
    ...{ attention: "general", dropout: 0.4, epochs: 20, init: "uniform" },
  },
  /** A long text to a short one. */
  summarize: { ...text, tokens: "words", vocabulary: 20_000, shared: true, tied: "all", epochs: 6 },
  /** A text with a question about it to the answer. */
  answer: { ...text, tokens: "words", vocabulary: 20_000, shared: true, tied: "all", epochs: 10 },
  /** What somebody says to what is said back. */
  chat: { ...text, tokens: "bpe", vocabulary: 4000, shared: true, tied: "all", epochs: 20 },
  /** Spelling to phonemes, which are parted by blanks. */
  pronounce: {
    ...text,
    ...{ tokens: "characters", targetTokens: "words", punctuation: "keep", vocabulary: 1000 },
    ...{ embedding: 64, dropout: 0.2, smoothing: 0.05, batch: 128, epochs: 12 },
  },
  /** A small program to what it prints; an epoch is 500 updates. */
  execute: { ...text, embedding: 32, dropout: 0, smoothing: 0, batch: 128, epochs: 80 },
  /** A sum to its result, digits to the same digits; an epoch is 500 updates. */
  calculate: {
    ...plain,
    ...{ decoder: "peeky", reverse: true, passCell: true, hidden: 256, embedding: 32 },
    ...{ epochs: 40, rate: 0.003, schedule: "cosine", warmup: 100, clip: 1, init: "uniform" },
  },
  /** Sound, or frames of any other series, to what it says. */
  listen: {
    ...text,
    ...{ stack: 3, pyramid: 1, layers: 2, hidden: 128, embedding: 32, dropout: 0.3 },
    ...{ longest: 2000, batch: 32, epochs: 12 },
  },
} as const satisfies Record<string, PairChoices>;
