import type * as z from "zod/mini";
import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { CrossEntropy } from "../engine/layers/cross-entropy.js";
import type { Ints, Tensor } from "../engine/tensor.js";
import type { Encoded } from "../models/encoder.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { byLength, type Sources } from "../models/sources.js";
import type { PairCodec, TargetCodec } from "../text/codec.js";
import type { Hypothesis } from "./beam.js";
import { type DecodeOptions, LONGEST_ANSWER, type SearchOptions, searchSettings } from "./decode-options.js";
import { type StepModel, search } from "./search.js";

/** Options of `predict` and of everything else that answers sources: the decoding strategy, by default greedy. */
export interface AnswerOptions
  extends z.input<typeof DecodeOptions>,
    Pick<SearchOptions, "suppress" | "constraint" | "seed" | "keepAttention"> {
  /** Number of the first source among all that are answered: each samples from a random stream of its own. @default 0 */
  readonly first?: number | undefined;
}

/** An answer as a search returns it. */
export type Answered = Pick<Hypothesis, "ids" | "score" | "finished" | "attention">;

/** Most rows of a batch; each source has one row per beam. */
const ROWS = 512;
/** Most tokens of a batch with padding, so that batches of long sources have fewer rows. */
const TOKENS = 2 ** 15;
/** Most logits of a step, 64 MiB, so that batches with a large vocabulary have fewer rows. */
const LOGITS = 2 ** 24;

/** Lengths by which batches are formed. */
interface Lengths {
  readonly count: number;
  readonly sources: Pick<Sources, "length">;
  readonly targets: Pick<Sources, "length">;
}

/** Splits the pairs of a set into batches of similar lengths. @param V target vocabSize size */
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

/** Rows of a set of sources, encoded by a model. */
export interface EncodedRows {
  readonly encoded: Encoded;
  readonly sources: Sources;
  readonly rows: Int32Array;
}

/** Answers to each of the encoded sources, the best first: by `greedy` if that suffices, or else by `search`. */
export function answer(
  backend: Backend,
  model: EncoderDecoder,
  { source, target }: PairCodec,
  { encoded, sources, rows }: EncodedRows,
  { first = 0, ...options }: AnswerOptions,
): Answered[][] {
  const { start, end } = target;
  const usual = (row: number): number =>
    Math.max(options.minLength ?? 0, longestAnswer(target, sources.length(row) / source.longest));
  const maxLength = options.maxLength ?? rows.map(usual);
  const asked = { ...options, start, end, maxLength, streams: rows.map((row) => first + row) };
  const sourceRows = new EncodedSources(model, encoded);
  if (!isGreedy(options)) return search(sourceRows, backend, asked);
  searchSettings(sourceRows.vocabSize, asked); // refuses the options that `search` refuses
  return greedy(backend, model, encoded, { start, end, length: maxLength }).map((one) => [{ ...one, finished: true }]);
}

/**
 * The most tokens of an answer, the end not counted: those of the longest in training, and more in proportion for a
 * longer source.
 * @param ratio length of the source by that of the longest in training
 */
function longestAnswer({ longest, end }: TargetCodec, ratio: number): number {
  const tokens = longest - (end === undefined ? 0 : 1);
  return Math.min(Math.max(1, Math.ceil(tokens * Math.max(1, ratio))), LONGEST_ANSWER);
}

/** True if the answer is the most probable token of each step. */
function isGreedy(options: AnswerOptions): boolean {
  const { beam = 1, nBest = 1, minLength = 0, coveragePenalty = 0, suppress = [], keepAttention = false } = options;
  const { noRepeatNgram, constraint, temperature, topK, topP } = options;
  const extras = [noRepeatNgram, constraint, temperature, topK, topP, ...suppress];
  const isPlain = beam === 1 && nBest === 1 && minLength === 0 && coveragePenalty === 0 && !keepAttention;
  return isPlain && extras.every((extra) => extra === undefined);
}

/** Options of `greedy`. */
export interface GreedyOptions {
  /** Token that the decoder reads first. */
  readonly start: number;
  /** Token that ends an answer; undefined: every answer has `length` tokens. */
  readonly end: number | undefined;
  /** Most tokens of an answer, of all answers or of each, not counting the end. After that only the end can follow. */
  readonly length: number | ArrayLike<number>;
}

/** An answer of `greedy`. */
export interface GreedyAnswer {
  /** Without the start and the end. */
  readonly ids: number[];
  /** Natural logarithm of the probability of all its tokens, including the end. */
  score: number;
}

/** Greedy search: the answer to each encoded source, always taking the most probable next token. Same as a beam of 1. */
export function greedy(
  backend: Backend,
  model: EncoderDecoder,
  encoded: Encoded,
  { start, end, length }: GreedyOptions,
): GreedyAnswer[] {
  const N = encoded.hs.shape[0] ?? 0;
  const workspace = new Workspace(backend.arena);
  const loss = new CrossEntropy(backend);
  const next = workspace.ints("next", [N]);
  next.data.fill(start);
  const answers = Array.from({ length: N }, (): GreedyAnswer => ({ ids: [], score: 0 }));
  const limits = answers.map((_, n) => (typeof length === "number" ? length : (length[n] ?? 0)));
  const open = new Set(answers.keys());
  model.start(encoded);
  for (let t = 0; open.size > 0; t++) {
    const logits = model.step(next.as([N, 1]));
    backend.kernels.argmax({ ids: next }, { logits }, { R: N, V: logits.shape[1] ?? 0 });
    const chosen = next.data;
    if (end !== undefined) for (const n of open) if (t === limits[n]) chosen[n] = end;
    const losses = loss.losses(logits, next).data;
    for (const n of open) {
      const [answer, id] = [answers[n], chosen[n] ?? 0];
      if (!answer) continue;
      answer.score -= losses[n] ?? 0;
      if (id !== end) answer.ids.push(id);
      if (id === end || (end === undefined && t + 1 >= (limits[n] ?? 0))) open.delete(n);
    }
  }
  workspace.free();
  loss.free();
  return answers;
}

/** Encoded sources of a model with a decoder, as `search` reads them. */
export class EncodedSources implements StepModel {
  readonly #model: EncoderDecoder;
  readonly #encoded: Encoded;

  constructor(model: EncoderDecoder, encoded: Encoded) {
    this.#model = model;
    this.#encoded = encoded;
  }

  get vocabSize(): number {
    return this.#model.config.targetVocabSize;
  }

  begin(B: number): { N: number; lengths: Ints | undefined } {
    const { hs, lengths } = this.#encoded;
    this.#model.start(this.#encoded, B);
    return { N: hs.shape[0] ?? 0, lengths };
  }

  step(ids: Ints): Tensor {
    return this.#model.step(ids);
  }

  reorder(parents: Ints): void {
    this.#model.reorder(parents);
  }

  get attention(): Tensor | undefined {
    return this.#model.attention;
  }
}
