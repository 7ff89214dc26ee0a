import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { packRows } from "../data/pack.js";
import { SequenceWriter } from "../data/sequences.js";
import type { Seq2Seq } from "../models/seq2seq.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import { type Answered, type AnswerOptions, answer, answerBatches } from "./answer.js";

export interface Prediction {
  readonly input: string;
  readonly output: string;
  /** Natural logarithm of the output's probability. */
  readonly score: number;
  /** The next best, where more than one answer was asked for. */
  readonly others?: readonly Pick<Prediction, "output" | "score">[];
  /** Where the model looked, with `keepAttention` and a model that has attention. */
  readonly attention?: AttentionMap;
  /** True where the input has more tokens than any that training saw; left out otherwise. */
  readonly isLong?: true;
  /** True where the options left nothing that might follow, so that the output and its score are those of a beginning. */
  readonly isCut?: true;
}

/** How much the model looked at each token of an input when it wrote each token of the output. */
export interface AttentionMap {
  readonly source: readonly string[];
  readonly target: readonly string[];
  /** (T, S); each row adds up to 1. */
  readonly weights: readonly Float32Array[];
}

/**
 * Answers texts, in batches.
 *
 * @example
 * const [best] = predict(backend, model, tokenizer, ["16+75"], { beam: 5 });
 *
 * @throws DataError for a text that the model cannot read, before any is answered
 * @throws OptionError for options that contradict each other, or that the model cannot serve
 */
export function predict(
  backend: Backend,
  model: Seq2Seq,
  tokenizer: PairTokenizer,
  inputs: readonly string[],
  options: AnswerOptions = {},
): Prediction[] {
  const writer = new SequenceWriter();
  for (const input of inputs) writer.add(tokenizer.encodeSource(input));
  const sources = writer.finish();
  const pairs = { count: sources.count, sources, targets: sources };
  const room = new Room(backend.arena);
  const predictions: Prediction[] = [];
  for (const rows of answerBatches(pairs, tokenizer.targetSize, options.beam)) {
    const { ids, lengths } = packRows(room, "source", sources, rows);
    const encoded = model.encode(ids, lengths);
    const found = answer(backend, model, tokenizer, { encoded, sources, rows }, options);
    for (const [n, row] of rows.entries()) {
      const [best, ...others] = found[n] ?? [];
      const source = sources.row(row);
      if (!best) throw new Error("predict: expected an answer to each text.");
      predictions[row] = {
        ...{ input: inputs[row] ?? "", ...toText(tokenizer, best) },
        ...((options.nBest ?? 1) > 1 && { others: others.map((other) => toText(tokenizer, other)) }),
        ...(best.attention && { attention: mapOf(tokenizer, source, best.ids, best.attention) }),
        ...(source.length > tokenizer.longest.source && { isLong: true }),
        ...(!best.finished && { isCut: true }),
      };
    }
  }
  room.free();
  return predictions;
}

function toText(tokenizer: PairTokenizer, { ids, score }: Answered): Pick<Prediction, "output" | "score"> {
  return { output: tokenizer.decodeTarget(ids), score };
}

function mapOf(
  tokenizer: PairTokenizer,
  source: Int32Array,
  target: readonly number[],
  weights: readonly Float32Array[],
): AttentionMap {
  return { source: tokenizer.sourceTokens(source), target: tokenizer.targetTokens(target), weights };
}
