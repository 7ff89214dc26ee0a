import type { Backend } from "../backend/backend.js";
import type { Judge, PairSet } from "../data/pairs.js";
import type { Sources } from "../data/sources.js";
import type { AnswerOptions } from "../decode/answer.js";
import { measures } from "../metrics/measures.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import type { Targets } from "../text/targets.js";
import { type AnsweredPair, answerPairs } from "./answer-pairs.js";
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
  /** Share of answers that are right by the judge of the data, where there is one. */
  readonly judged?: number;
  /** Share of tokens that are right, position by position. */
  readonly tokenAccuracy: number;
  /** Edits per token of the truth. */
  readonly errorRate?: number;
  /** From 0 to 100. */
  readonly bleu?: number;
  /** From 0 to 100. */
  readonly chrf?: number;
  /** Mean loss in nats per target token, each predicted from the true ones before it. */
  readonly loss: number;
  readonly perplexity: number;
  /** The first answers, in the order of the set. */
  readonly samples: readonly Answer[];
}

export interface EvaluationOptions extends AnswerOptions {
  /** What else to score by. @default nothing */
  readonly measures?: readonly PairMeasureName[];
  readonly judge?: Judge | undefined;
}

/** Answers every question of a set as `answerPairs` does, and scores the answers as the book does: all or nothing. */
export function evaluatePairs(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: Targets,
  pairs: PairSet<Sources>,
  { measures: others = [], judge, ...options }: EvaluationOptions = {},
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
  return {
    ...{ count: answered.length, exactMatch, tokenAccuracy, ...more, loss, perplexity },
    ...(judge && { judged: judgedShare(answered, judge) }),
    samples: samplesOf(answered, judge),
  };
}

/** The share of answers that a judge finds right. */
export function judgedShare(answered: readonly AnsweredPair[], judge: Judge): number {
  return answered.filter(({ question, guess }) => judge(question, guess.text)).length / answered.length;
}

/** The first answers, to be looked at. */
export function samplesOf(answered: readonly AnsweredPair[], judge?: Judge, count = 10): Answer[] {
  return answered.slice(0, count).map(({ question, guess, truths }) => {
    const isRight = judge ? judge(question, guess.text) : measures.exactMatch.statistics(guess, truths)[0];
    return { question, truth: isRight ? guess.text : (truths[0]?.text ?? ""), guess: guess.text };
  });
}
