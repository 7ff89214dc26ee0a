import type * as z from "zod/mini";
import type { Backend } from "../backend/backend.js";
import { byLength } from "../data/pack.js";
import type { PairSet } from "../data/pairs.js";
import type { Encoded } from "../models/encoder.js";
import type { Seq2Seq } from "../models/seq2seq.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import type { DecodeOptions } from "./decode-options.js";
import { EncodedSources } from "./encoded-sources.js";
import { greedy } from "./greedy.js";
import { search } from "./search.js";
import type { SearchOptions } from "./search-options.js";
import type { Hypothesis } from "./source-search.js";

/** How answers to texts are found; left out, greedily. */
export interface AnswerOptions
  extends z.input<typeof DecodeOptions>,
    Pick<SearchOptions, "skip" | "words" | "seed" | "keepAttention"> {}

/** An answer: what a search says of it. */
export type Answered = Pick<Hypothesis, "ids" | "score" | "attention">;

/** Rows of a batch at most: its sources, each as often as the beam is wide. */
const ROWS = 512;
/** Tokens of its sources or targets at most, but for a single one. */
const TOKENS = 2 ** 15;

/** Sources that are answered together. */
export interface AnswerBatch {
  /** Their numbers in the set. */
  readonly rows: Int32Array;
  /** Tokens that an answer to any of them has at most. */
  readonly maxLength: number;
}

/** All pairs of a set in batches of similar lengths. What an answer may be does not depend on the batch around it. */
export function* answerBatches(
  tokenizer: PairTokenizer,
  pairs: PairSet,
  { beam = 1, minLength = 0, maxLength }: AnswerOptions,
): Generator<AnswerBatch, void> {
  const { sources, targets, count } = pairs;
  const limit = (row: number): number =>
    maxLength ?? Math.max(minLength, longestAnswer(tokenizer, sources.length(row)));
  const sorted = byLength(
    pairs,
    Int32Array.from({ length: count }, (_, row) => row),
  );
  for (let from = 0, to = 0; from < count; from = to) {
    const most = limit(sorted[from] ?? 0);
    let width = 0;
    for (; to < count && (to - from + 1) * beam <= Math.max(ROWS, beam); to++) {
      const row = sorted[to] ?? 0;
      width = Math.max(width, sources.length(row), targets.length(row));
      if (to > from && ((to - from + 1) * width > TOKENS || limit(row) !== most)) break;
    }
    yield { rows: sorted.subarray(from, to), maxLength: most };
  }
}

/** Tokens at most, the end not among them: those of the longest in training, in proportion where the source is longer. */
function longestAnswer({ longest, end }: PairTokenizer, sourceLength: number): number {
  const tokens = longest.target - (end === undefined ? 0 : 1);
  return Math.ceil(tokens * Math.max(1, sourceLength / longest.source));
}

/** The answers to each source that was encoded, the best first: by the short way where they are greedy, or by a search. */
export function answer(
  backend: Backend,
  model: Seq2Seq,
  { start, end }: Pick<PairTokenizer, "start" | "end">,
  encoded: Encoded,
  options: AnswerOptions & Pick<SearchOptions, "maxLength" | "streams">,
): Answered[][] {
  if (isGreedy(options))
    return greedy(backend, model, encoded, { start, end, length: options.maxLength }).map((one) => [one]);
  return search(new EncodedSources(model, encoded), backend, { ...options, start, end });
}

/** Whether there is nothing to a search but the likeliest token, again and again. */
function isGreedy(options: AnswerOptions): boolean {
  const { beam = 1, nBest = 1, minLength = 0, coveragePenalty = 0, skip = [], keepAttention = false } = options;
  const { noRepeat, words, temperature, topK, topP } = options;
  const extras = [noRepeat, words, temperature, topK, topP, ...skip];
  const isPlain = beam === 1 && nBest === 1 && minLength === 0 && coveragePenalty === 0 && !keepAttention;
  return isPlain && extras.every((extra) => extra === undefined);
}
