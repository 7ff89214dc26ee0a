import type * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import type { Encoded } from "../models/encoder.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { byLength } from "../models/pack.js";
import type { Sources } from "../models/sources.js";
import type { Targets } from "../text/targets.js";
import { type DecodeOptions, LONGEST_ANSWER } from "./decode-options.js";
import { EncodedSources } from "./encoded-sources.js";
import { greedy } from "./greedy.js";
import { search } from "./search.js";
import { type SearchOptions, searchSettings } from "./search-options.js";
import type { Hypothesis } from "./source-search.js";

/** How answers to texts are found; left out, greedily. */
export interface AnswerOptions
  extends z.input<typeof DecodeOptions>,
    Pick<SearchOptions, "suppress" | "words" | "seed" | "keepAttention"> {
  /** Number of the first text among all that are asked: each draws from a stream of its own. @default 0 */
  readonly first?: number | undefined;
}

/** An answer: what a search says of it. */
export type Answered = Pick<Hypothesis, "ids" | "score" | "finished" | "attention">;

/** The most rows in a batch, each source's as many as the beam is wide. */
const ROWS = 512;
/** The most tokens, with their padding: long texts come a few at a time. */
const TOKENS = 2 ** 15;
/** The most logits of a step, 64 MiB: with a large vocabulary there are fewer rows. */
const LOGITS = 2 ** 24;

/** What batches are made by. */
interface Lengths {
  readonly count: number;
  readonly sources: Pick<Sources, "length">;
  readonly targets: Pick<Sources, "length">;
}

/** All pairs of a set, in batches of similar lengths. @param V size of the target's vocabulary */
export function* answerBatches({ count, sources, targets }: Lengths, V: number, beam = 1): Generator<Int32Array, void> {
  const most = Math.min(ROWS, LOGITS / V) / beam;
  const rows = Int32Array.from({ length: count }, (_, row) => row);
  const sorted = byLength(targets, byLength(sources, rows));
  let [from, longest] = [0, 0];
  for (const [i, row] of sorted.entries()) {
    const length = sources.length(row) + targets.length(row);
    longest = Math.max(longest, length);
    const size = i + 1 - from;
    if (size === 1 || (size <= most && size * longest <= TOKENS)) continue;
    yield sorted.subarray(from, i);
    [from, longest] = [i, length];
  }
  if (from < count) yield sorted.subarray(from);
}

/** Some sources of a set, as a model has encoded them. */
export interface EncodedRows {
  readonly encoded: Encoded;
  readonly sources: Sources;
  readonly rows: Int32Array;
}

/** The answers to each of the sources, the best first: by the short way where they are greedy, or by a search. */
export function answer(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: Targets,
  { encoded, sources, rows }: EncodedRows,
  { first = 0, ...options }: AnswerOptions,
): Answered[][] {
  const { start, end } = tokenizer;
  const usual = (row: number): number =>
    Math.max(options.minLength ?? 0, longestAnswer(tokenizer, sources.length(row)));
  const maxLength = options.maxLength ?? rows.map(usual);
  const asked = { ...options, start, end, maxLength, streams: rows.map((row) => first + row) };
  const sourceRows = new EncodedSources(model, encoded);
  if (!isGreedy(options)) return search(sourceRows, backend, asked);
  searchSettings(sourceRows.vocabSize, asked); // refuses what the search would refuse
  return greedy(backend, model, encoded, { start, end, length: maxLength }).map((one) => [{ ...one, finished: true }]);
}

/** Tokens at most, the end not among them: those of the longest in training, in proportion where the source is longer. */
function longestAnswer({ longest, end }: Targets, source: number): number {
  const tokens = longest.target - (end === undefined ? 0 : 1);
  const share = Math.max(1, source / longest.source);
  return Math.min(Math.max(1, Math.ceil(tokens * share)), LONGEST_ANSWER);
}

/** Whether there is nothing to a search but the most probable token, again and again. */
function isGreedy(options: AnswerOptions): boolean {
  const { beam = 1, nBest = 1, minLength = 0, coveragePenalty = 0, suppress = [], keepAttention = false } = options;
  const { noRepeatNgram, words, temperature, topK, topP } = options;
  const extras = [noRepeatNgram, words, temperature, topK, topP, ...suppress];
  const isPlain = beam === 1 && nBest === 1 && minLength === 0 && coveragePenalty === 0 && !keepAttention;
  return isPlain && extras.every((extra) => extra === undefined);
}
