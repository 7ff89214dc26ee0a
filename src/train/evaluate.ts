import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { PairSet } from "../data/pairs.js";
import type { Seq2Seq } from "../models/seq2seq.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";

export interface Answer {
  readonly question: string;
  readonly truth: string;
  readonly guess: string;
}

export interface PairEvaluation {
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

const BATCH = 500;

/** Answers every question of a set greedily, in large batches, and scores the answers as the book does: all or nothing. */
export function evaluatePairs(
  backend: Backend,
  model: Seq2Seq,
  tokenizer: PairTokenizer,
  pairs: PairSet,
  samples = 10,
): PairEvaluation {
  const { sourceWidth: S, targetWidth: W, startId } = tokenizer;
  const room = new Room(backend.arena);
  let [exact, right, lossSum] = [0, 0, 0];
  const answers: Answer[] = [];
  for (let first = 0; first < pairs.count; first += BATCH) {
    const N = Math.min(BATCH, pairs.count - first);
    const [source, target] = [room.ints("source", [N, S]), room.ints("target", [N, W])];
    source.data.set(pairs.sources.subarray(first * S, (first + N) * S));
    target.data.set(pairs.targets.subarray(first * W, (first + N) * W));
    const encoded = model.encode(source);
    for (const loss of model.losses({ source, target }, encoded)) lossSum += loss;
    const { ids } = model.greedy(source, startId, W - 1, encoded);
    for (let n = 0; n < N; n++) {
      const truth = pairs.targets.subarray((first + n) * W + 1, (first + n + 1) * W);
      const guess = ids.subarray(n * (W - 1), (n + 1) * (W - 1));
      const hits = truth.reduce((sum, id, t) => sum + (id === guess[t] ? 1 : 0), 0);
      right += hits;
      if (hits === W - 1) exact++;
      if (answers.length < samples)
        answers.push({
          question: tokenizer.decodeSource(pairs.sources.subarray((first + n) * S, (first + n + 1) * S)),
          truth: tokenizer.decodeTarget(truth),
          guess: tokenizer.decodeTarget(guess),
        });
    }
  }
  room.free();
  const tokens = pairs.count * (W - 1);
  const loss = lossSum / tokens;
  const scores = { exactMatch: exact / pairs.count, tokenAccuracy: right / tokens, loss, perplexity: Math.exp(loss) };
  return { count: pairs.count, ...scores, samples: answers };
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
  const { sourceWidth: S, targetWidth: W, startId } = tokenizer;
  const encoded = inputs.map((input) => tokenizer.encodeSource(input));
  const room = new Room(backend.arena);
  const predictions: Prediction[] = [];
  for (let first = 0; first < inputs.length; first += BATCH) {
    const rows = encoded.slice(first, first + BATCH);
    const source = room.ints("source", [rows.length, S]);
    source.data.set(rows.flat());
    const { ids, scores } = model.greedy(source, startId, W - 1);
    for (const n of rows.keys()) {
      const output = tokenizer.decodeTarget(ids.subarray(n * (W - 1), (n + 1) * (W - 1)));
      predictions.push({ input: inputs[first + n] ?? "", output, score: scores[n] ?? Number.NaN });
    }
  }
  room.free();
  return predictions;
}
