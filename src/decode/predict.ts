import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { SequenceWriter } from "../models/sequences.js";
import type { Sources } from "../models/sources.js";
import type { PairCodec, TextSource } from "../text/codec.js";
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
  /** True where a sound or another series has fewer steps than any that training saw; left out otherwise. */
  readonly isShort?: true;
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
  model: EncoderDecoder,
  tokenizer: PairCodec<TextSource>,
  inputs: readonly string[],
  options: AnswerOptions = {},
): Prediction[] {
  const writer = new SequenceWriter();
  for (const input of inputs) writer.add(tokenizer.source.encode(input));
  return predictSources(backend, model, tokenizer, { inputs, sources: writer.finish() }, options);
}

/** Sources of any kind, and what each is called: its text, or the name of its file. */
export interface NamedSources {
  readonly inputs: readonly string[];
  readonly sources: Sources;
}

/**
 * Answers what is no text: frames, or pictures.
 * @throws OptionError for options that contradict each other, or that the model cannot serve
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
