import type { AnswerOptions } from "../decode/answer.js";
import type { Backend } from "../engine/backend/backend.js";
import { measures, type Sentence } from "../metrics/measures.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import type { Sources } from "../models/sources.js";
import type { PairSet } from "../tasks/pairs/pairs.js";
import type { Targets } from "../text/targets.js";
import { type AnsweredPair, answerPairs } from "./answer-pairs.js";
import { type ScoreGrid, scoreGrid } from "./pair-grid.js";
import { type PairMeasureName, scorePairs } from "./pair-measures.js";

/** A question, and how right the model is. */
export interface Answer {
  readonly question: string;
  readonly truth: string;
  readonly guess: string;
}

export interface PairEvaluation {
  /** Questions. */
  readonly count: number;
  /** Share of answers that are right in every token. */
  readonly exactMatch: number;
  /** Share of answers that the data's own judge finds right, where there is one. */
  readonly judged?: number;
  /** Share of tokens that are right, position by position. */
  readonly tokenAccuracy: number;
  /** Edits per token of the truth. */
  readonly errorRate?: number;
  /** Share of tokens that are the likeliest after the true ones before them (teacher forcing). */
  readonly forcedAccuracy?: number;
  /** From 0 to 100. */
  readonly bleu?: number;
  /** From 0 to 100. */
  readonly chrf?: number;
  /** Mean loss in nats per target token, each predicted from the true ones before it. */
  readonly loss: number;
  readonly perplexity: number;
  /** Scores by group, where the set has a grid. */
  readonly grid?: ScoreGrid;
  /** The first answers, in the order of the set. */
  readonly samples: readonly Answer[];
}

export interface EvaluationOptions extends AnswerOptions {
  /** What else to score by. @default nothing */
  readonly measures?: readonly PairMeasureName[];
}

/** Answers every question of a set as `answerPairs` does, and scores the answers as the book does: all or nothing. */
export function evaluatePairs(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: Targets,
  pairs: PairSet<Sources>,
  { measures: others = [], ...options }: EvaluationOptions = {},
): PairEvaluation {
  const answered = answerPairs(backend, model, tokenizer, pairs, options);
  const usual = ["exactMatch", "tokenAccuracy", "loss", "perplexity"] as const;
  const {
    exactMatch = 0,
    tokenAccuracy = 0,
    loss = 0,
    perplexity = 0,
    ...more
  } = scorePairs(answered, [...usual, ...others]);
  const grid = pairs.grid && { grid: scoreGrid(answered, pairs.grid) };
  const scores = { exactMatch, tokenAccuracy, ...more, loss, perplexity };
  return { count: answered.length, ...scores, ...grid, samples: samplesOf(answered) };
}

/** The first answers, to be looked at. */
export function samplesOf(answered: readonly AnsweredPair[], count = 10): Answer[] {
  return answered.slice(0, count).map(({ question, guess, truths, isRight = equals(guess, truths) }) => {
    return { question, truth: isRight ? guess.text : (truths[0]?.text ?? ""), guess: guess.text };
  });
}

const equals = (guess: Sentence, truths: readonly Sentence[]): boolean =>
  measures.exactMatch.statistics(guess, truths)[0] === 1;
