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
  readonly reference: string;
  readonly prediction: string;
}

export interface PairEvaluation {
  /** Questions. */
  readonly count: number;
  /** Share of answers that are right in every token. */
  readonly exactMatch: number;
  /** Share of answers that the data's own judge finds right, where there is one. */
  readonly judged?: number;
  /** Share of tokens that are right, position by position. */
  readonly positionAccuracy: number;
  /** Edits per token of the reference. */
  readonly errorRate?: number;
  /** Token accuracy (teacher forcing): share of tokens that are the most probable after the true ones before them. */
  readonly tokenAccuracy?: number;
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
  const usual = ["exactMatch", "positionAccuracy", "loss", "perplexity"] as const;
  const {
    exactMatch = 0,
    positionAccuracy = 0,
    loss = 0,
    perplexity = 0,
    ...more
  } = scorePairs(answered, [...usual, ...others]);
  const grid = pairs.grid && { grid: scoreGrid(answered, pairs.grid) };
  const scores = { exactMatch, positionAccuracy, ...more, loss, perplexity };
  return { count: answered.length, ...scores, ...grid, samples: samplesOf(answered) };
}

/** The first answers, to be looked at. */
export function samplesOf(answered: readonly AnsweredPair[], count = 10): Answer[] {
  return answered
    .slice(0, count)
    .map(({ question, prediction, references, isRight = equals(prediction, references) }) => {
      return {
        question,
        reference: isRight ? prediction.text : (references[0]?.text ?? ""),
        prediction: prediction.text,
      };
    });
}

const equals = (prediction: Sentence, references: readonly Sentence[]): boolean =>
  measures.exactMatch.statistics(prediction, references)[0] === 1;
