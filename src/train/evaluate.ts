import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { byLength, packPairs, packRows } from "../data/pack.js";
import type { PairSet } from "../data/pairs.js";
import { SequenceWriter } from "../data/sequences.js";
import { greedy } from "../decode/greedy.js";
import type { Seq2Seq } from "../models/seq2seq.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";

export interface Answer {
  readonly question: string;
  readonly truth: string;
  readonly guess: string;
}

/** An answer with all that is right. */
export interface ScoredAnswer extends Answer {
  /** The true answers: `truth` is the first of them. */
  readonly truths: readonly string[];
  /** Whether it is one of them, token by token. */
  readonly isRight: boolean;
}

export interface PairEvaluation {
  /** Questions. */
  readonly count: number;
  /** Share of answers that are right in every token. */
  readonly exactMatch: number;
  /** Share of target tokens that are right, position by position, in greedy answers. */
  readonly tokenAccuracy: number;
  /** Mean loss in nats per target token, each predicted from the true ones before it. */
  readonly loss: number;
  readonly perplexity: number;
  /** The first answers, in the order of the set. */
  readonly samples: readonly Answer[];
}

/** The most rows in a batch, and the most tokens with their padding: long texts come a few at a time. */
const BATCH = 500;
const TOKENS = 2 ** 15;

/** Rows 0 … count − 1 in batches of similar lengths. */
function* batchesOf({ count, sources, targets }: PairSet): Generator<Int32Array, void> {
  const rows = Int32Array.from({ length: count }, (_, i) => i);
  const sorted = byLength(targets, byLength(sources, rows));
  let [from, longest] = [0, 0];
  for (const [i, row] of sorted.entries()) {
    const length = sources.length(row) + targets.length(row);
    longest = Math.max(longest, length);
    const tooMany = i - from === BATCH || (i + 1 - from) * longest > TOKENS;
    if (!tooMany || i === from) continue;
    yield sorted.subarray(from, i);
    [from, longest] = [i, length];
  }
  if (from < count) yield sorted.subarray(from);
}

/**
 * Answers every question of a set greedily, in large batches, and scores the answers as the book does: all or nothing. A
 * question that stands there with several answers is asked once where answers are of any length, and each of them is right.
 * @param heard called with each answer, in the order of the set
 */
export function evaluatePairs(
  backend: Backend,
  model: Seq2Seq,
  tokenizer: PairTokenizer,
  pairs: PairSet,
  { samples = 10, heard }: { samples?: number; heard?: (answer: ScoredAnswer) => void } = {},
): PairEvaluation {
  const { start, end, longest } = tokenizer;
  const truths = truthsOf(pairs, end === undefined);
  const guesses = new Map<number, readonly number[]>();
  const room = new Room(backend.arena);
  let [lossSum, tokens] = [0, 0];
  for (const rows of batchesOf(pairs)) {
    const batch = packPairs(room, pairs, rows);
    const encoded = model.encode(batch.source, batch.sourceLengths);
    for (const loss of model.losses(batch, encoded)) lossSum += loss;
    const answers = greedy(backend, model, encoded, { start, end, length: longest.target });
    for (const [n, row] of rows.entries()) {
      tokens += pairs.targets.length(row) - 1;
      if (truths.has(row)) guesses.set(row, answers[n]?.ids ?? []);
    }
  }
  room.free();
  let [exact, right, positions] = [0, 0, 0];
  const shown: Answer[] = [];
  for (const [row, others] of truths) {
    const guess = guesses.get(row) ?? [];
    const wanted = others.map((other) => pairs.targets.row(other).subarray(1));
    const hits = wanted.map((truth) => truth.reduce((sum, id, t) => sum + (id === guess[t] ? 1 : 0), 0));
    const isRight = wanted.some((truth, i) => truth.length === guess.length && hits[i] === truth.length);
    if (isRight) exact++;
    right += hits[0] ?? 0;
    positions += wanted[0]?.length ?? 0;
    if (!heard && shown.length >= samples) continue;
    const words = wanted.map((truth) => tokenizer.decodeTarget(truth));
    const answer = {
      question: tokenizer.decodeSource(pairs.sources.row(row)),
      truth: words[0] ?? "",
      guess: tokenizer.decodeTarget(guess),
    };
    if (shown.length < samples) shown.push(answer);
    heard?.({ ...answer, truths: words, isRight });
  }
  const loss = lossSum / tokens;
  const scores = {
    exactMatch: exact / truths.size,
    tokenAccuracy: right / positions,
    loss,
    perplexity: Math.exp(loss),
  };
  return { count: truths.size, ...scores, samples: shown };
}

/** The rows whose questions are asked, each with the rows of its true answers. */
function truthsOf({ sources, count }: PairSet, eachRow: boolean): Map<number, number[]> {
  const truths = new Map<number, number[]>();
  const firsts = new Map<string, number>();
  for (let row = 0; row < count; row++) {
    const key = eachRow ? String(row) : sources.row(row).join();
    const first = firsts.get(key) ?? row;
    firsts.set(key, first);
    const rows = truths.get(first) ?? [];
    rows.push(row);
    truths.set(first, rows);
  }
  return truths;
}

export interface Prediction {
  readonly input: string;
  readonly output: string;
  /** Natural logarithm of the output's probability. */
  readonly score: number;
}

/** Answers texts, in batches. @throws DataError for a text that the model cannot read, before any is answered */
export function predict(
  backend: Backend,
  model: Seq2Seq,
  tokenizer: PairTokenizer,
  inputs: readonly string[],
): Prediction[] {
  const { start, end, longest } = tokenizer;
  const writer = new SequenceWriter();
  for (const input of inputs) writer.add(tokenizer.encodeSource(input));
  const sources = writer.finish();
  const room = new Room(backend.arena);
  const predictions: Prediction[] = [];
  for (const rows of batchesOf({ count: sources.count, sources, targets: sources })) {
    const { ids, lengths } = packRows(room, "source", sources, rows);
    const encoded = model.encode(ids, lengths);
    // What is longer than all that training saw gets an answer longer in proportion.
    const length = Array.from(rows, (row) =>
      Math.ceil(longest.target * Math.max(1, sources.length(row) / longest.source)),
    );
    for (const [n, { ids: answer, score }] of greedy(backend, model, encoded, { start, end, length }).entries()) {
      const row = rows[n] ?? 0;
      predictions[row] = { input: inputs[row] ?? "", output: tokenizer.decodeTarget(answer), score };
    }
  }
  room.free();
  return predictions;
}
