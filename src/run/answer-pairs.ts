import { type AnswerOptions, answer, answerBatches } from "../decode/answer.js";
import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { Sentence } from "../metrics/measures.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { packPairs, type Sources } from "../models/sources.js";
import type { PairSet } from "../tasks/pairs/pairs.js";
import type { PairCodec } from "../text/codec.js";

/** A question of a set with the model's answer, as measures read it. */
export interface AnsweredPair {
  /** The row in which the question stands first. */
  readonly row: number;
  readonly question: string;
  readonly prediction: Sentence;
  /** The verdict of the set's judge on the prediction, if it has one. */
  readonly isRight?: boolean;
  /** All true answers. In their tokens, what the model cannot know is −1: no prediction is right there. */
  readonly references: readonly Sentence[];
  /** The loss of the true answers, all of them together, in nats. */
  readonly loss: number;
  /** Number of tokens, including the end of sequence. */
  readonly tokens: number;
  /** Number of tokens that are the most probable after the true ones before them; counted if the set has a grid. */
  readonly forced?: number;
}

/**
 * Answers every question of a set, in large batches. A question that stands there with several answers is asked once where
 * answers are of any length, and each of them is true; in the book's form each row is a question of its own.
 */
export function answerPairs(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: PairCodec,
  pairs: PairSet<Sources>,
  options: AnswerOptions = {},
): AnsweredPair[] {
  const { count, sources, targets, texts, grid, judge } = pairs;
  const losses = new Float64Array(count);
  const forced = new Int32Array(count);
  const predictions = new Map<number, readonly number[]>();
  const workspace = new Workspace(backend.arena);
  for (const rows of answerBatches(pairs, tokenizer.target.size, options.beam)) {
    const batch = packPairs(workspace, pairs, rows);
    const encoded = model.encode(batch.source, batch.sourceLengths);
    const each = model.losses(batch, encoded);
    const T = each.length / rows.length;
    for (const [n, row] of rows.entries())
      losses[row] = each.subarray(n * T, (n + 1) * T).reduce((sum, loss) => sum + loss, 0);
    if (grid) {
      const { data } = model.mostProbable(batch, encoded);
      for (const [n, row] of rows.entries())
        forced[row] = targets.row(row).reduce((sum, id, t) => sum + (t > 0 && data[n * T + t - 1] === id ? 1 : 0), 0);
    }
    const answers = answer(backend, model, tokenizer, { encoded, sources, rows }, options);
    for (const [n, row] of rows.entries()) predictions.set(row, answers[n]?.[0]?.ids ?? []);
  }
  workspace.free();

  const referenceOf = (row: number): Sentence => {
    const ids = targets.row(row).subarray(1);
    const tokens = tokenizer.target.withoutFill(ids).map((id) => (id === tokenizer.target.tokenizer.unknown ? -1 : id));
    return { tokens, text: texts?.[row]?.target ?? tokenizer.target.decode(ids) };
  };
  return questionsOf(pairs, tokenizer.target.end === undefined).map((rows) => {
    const [row = 0] = rows;
    const ids = predictions.get(row) ?? [];
    const question = texts?.[row]?.source ?? tokenizer.source.decode(sources.row(row));
    const prediction = { tokens: tokenizer.target.withoutFill(ids), text: tokenizer.target.decode(ids) };
    return {
      ...{ row, question, prediction },
      ...(judge && { isRight: judge(question, prediction.text) }),
      references: rows.map(referenceOf),
      loss: rows.reduce((sum, each) => sum + (losses[each] ?? 0), 0),
      tokens: rows.reduce((sum, each) => sum + targets.length(each) - 1, 0),
      ...(grid && { forced: rows.reduce((sum, each) => sum + (forced[each] ?? 0), 0) }),
    };
  });
}

/** The rows of each question, in the order in which questions first appear. Different texts may have the same ids. */
function questionsOf({ sources, count, texts }: PairSet<Sources>, eachRow: boolean): number[][] {
  const questions = new Map<string, number[]>();
  for (let row = 0; row < count; row++) {
    const key = eachRow ? String(row) : (texts?.[row]?.source ?? sources.row(row).join());
    const rows = questions.get(key);
    if (rows) rows.push(row);
    else questions.set(key, [row]);
  }
  return [...questions.values()];
}
