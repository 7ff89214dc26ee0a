import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { SequenceWriter, type Sources } from "../models/sources.js";
import type { PairCodec, TextSource } from "../text/codec.js";
import { type Answered, type AnswerOptions, answer, answerBatches } from "./answer.js";

/** Answer to one input. */
export interface Prediction {
  /** Text of the source, or the name of its file. */
  readonly input: string;
  readonly output: string;
  /** Natural logarithm of the probability of the output, including its end. */
  readonly score: number;
  /** Next best answers, the better first; left out unless `nBest` is above 1. */
  readonly others?: readonly Pick<Prediction, "output" | "score">[];
  /** Attention weights; left out unless `keepAttention` is set and the model has attention. */
  readonly attention?: AttentionMap;
  /** True if the input is longer than all inputs of the training; left out otherwise. */
  readonly isLong?: true;
  /** True if a sound or another series is shorter than all inputs of the training; left out otherwise. */
  readonly isShort?: true;
  /** True if the options left no token that may follow, so that output and score are those of a prefix; left out otherwise. */
  readonly isCut?: true;
}

/** Attention of each output token to each input token. */
export interface AttentionMap {
  /** S input tokens. */
  readonly source: readonly string[];
  /** T output tokens. */
  readonly target: readonly string[];
  /** Weights (T, S); each row adds up to 1. */
  readonly weights: readonly Float32Array[];
}

/**
 * Predicts the outputs for texts, in batches. Without options by greedy search.
 *
 * @example
 * const [best] = predict(backend, model, tokenizer, ["16+75"], { beam: 5 });
 *
 * @throws DataError for a text that the model cannot read, before any output is predicted
 * @throws OptionError for options that contradict each other, or need attention that the model lacks
 */
export function predict(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: PairCodec<TextSource>,
  inputs: readonly string[],
  options: AnswerOptions = {},
): Prediction[] {
  const writer = new SequenceWriter();
  for (const input of inputs) writer.add(tokenizer.source.encode(input));
  return predictSources(backend, model, tokenizer, { inputs, sources: writer.finish() }, options);
}

/** Sources of any kind with the name of each: its text, or the name of its file. */
export interface NamedSources {
  readonly inputs: readonly string[];
  readonly sources: Sources;
}

/**
 * Predicts the outputs for sources of any kind: token ids, frames or pictures.
 *
 * @throws OptionError for options that contradict each other, or need attention that the model lacks
 */
export function predictSources(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: PairCodec,
  { inputs, sources }: NamedSources,
  options: AnswerOptions = {},
): Prediction[] {
  const workspace = new Workspace(backend.arena);
  const predictions: Prediction[] = [];
  for (const rows of answerBatches(
    { count: sources.count, sources, targets: sources },
    tokenizer.target.size,
    options.beam,
  )) {
    const { values, lengths } = sources.pack(workspace, "source", rows);
    const encoded = model.encode(values, lengths);
    const found = answer(backend, model, tokenizer, { encoded, sources, rows }, options);
    for (const [n, row] of rows.entries()) {
      const [best, ...others] = found[n] ?? [];
      if (!best) throw new Error("predict: expected an answer to each text.");
      predictions[row] = {
        ...{ input: inputs[row] ?? "", ...toText(tokenizer, best) },
        ...((options.nBest ?? 1) > 1 && { others: others.map((other) => toText(tokenizer, other)) }),
        ...(best.attention && { attention: mapOf(tokenizer, sources.row(row), best.ids, best.attention) }),
        ...(sources.length(row) > tokenizer.source.longest && { isLong: true }),
        ...(sources.length(row) < (tokenizer.source.shortest ?? 1) && { isShort: true }),
        ...(!best.finished && { isCut: true }),
      };
    }
  }
  workspace.free();
  return predictions;
}

function toText(tokenizer: PairCodec, { ids, score }: Answered): Pick<Prediction, "output" | "score"> {
  return { output: tokenizer.target.decode(ids), score };
}

function mapOf(
  tokenizer: PairCodec,
  source: Iterable<number>,
  target: readonly number[],
  weights: readonly Float32Array[],
): AttentionMap {
  return {
    source: tokenizer.source.tokens(source, weights[0]?.length),
    target: tokenizer.target.tokens(target),
    weights,
  };
}
