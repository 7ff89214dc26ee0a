import type * as z from "zod/mini";
import type { AnswerOptions } from "../decode/answer.js";
import type { Backend } from "../engine/backend/backend.js";
import { Bleu, type BleuOptions } from "../metrics/bleu.js";
import { Chrf } from "../metrics/chrf.js";
import { sumStatistics } from "../metrics/measure.js";
import { type MeasureName, measures, type Sentence } from "../metrics/measures.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import type { Sources } from "../models/sources.js";
import type { PairGrid, PairSet } from "../tasks/pairs/pairs.js";
import type { PairCodec } from "../text/codec.js";
import { type AnsweredPair, answerPairs } from "./answer-pairs.js";

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
  /** More measures to score by. @default nothing */
  readonly measures?: readonly PairMeasureName[];
}

/** Answers every question of a set as `answerPairs` does, and scores the answers as the book does: all or nothing. */
export function evaluatePairs(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: PairCodec,
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

/** A score of answered questions that is a function of sums over them. */
export interface PairMeasure {
  statistics(pair: AnsweredPair): number[];
  score(sums: readonly number[]): number;
  /** Signature of the score, in sacreBLEU's form. */
  signature?(pairs: readonly AnsweredPair[]): string;
}

export type PairMeasureName = MeasureName | "judged" | "tokenAccuracy" | "loss" | "perplexity";

/** A sum per token, or per answer. */
const mean = ([sum = 0, count = 0]: readonly number[]): number => sum / count;
/** In nats, each token predicted from the true ones before it. */
const likelihood = ({ loss, tokens }: AnsweredPair): number[] => [loss, tokens];

function ofAnswers(name: "exactMatch" | "positionAccuracy" | "errorRate"): PairMeasure {
  const { statistics, score } = measures[name];
  return { statistics: ({ prediction, references }) => statistics(prediction, references), score };
}

function ofTexts(measure: Bleu | Chrf): PairMeasure {
  return {
    statistics: (pair) => measure.statistics(pair.prediction.text, textsOf(pair)),
    score: (sums) => measure.score(sums),
    signature: (pairs) => measure.signature(pairs.map(textsOf)),
  };
}

const textsOf = ({ references }: AnsweredPair): string[] => references.map(({ text }) => text);

/** All measures of answers. Shares go from 0 to 1, `bleu` and `chrf` from 0 to 100. */
export function pairMeasures(
  options: z.input<typeof BleuOptions> = {},
): Readonly<Record<PairMeasureName, PairMeasure>> {
  const [bleu, chrf] = [new Bleu(options), new Chrf()];
  return {
    exactMatch: ofAnswers("exactMatch"),
    positionAccuracy: ofAnswers("positionAccuracy"),
    errorRate: ofAnswers("errorRate"),
    tokenAccuracy: { statistics: ({ forced = Number.NaN, tokens }) => [forced, tokens], score: mean },
    bleu: ofTexts(bleu),
    chrf: ofTexts(chrf),
    judged: { statistics: ({ isRight = false }) => [Number(isRight), 1], score: mean },
    loss: { statistics: likelihood, score: mean },
    perplexity: { statistics: likelihood, score: (sums) => Math.exp(mean(sums)) },
  };
}

/**
 * Those that a model's answers call for: BLEU and chrF are for texts, not for lines of fixed width or what was heard. Where
 * a set has a grid, its exercises have one right answer, and the share of tokens that are right after the true ones before
 * them counts.
 */
export function measuresFor(
  tokenizer: PairCodec,
  { grid, judge }: Pick<PairSet<Sources>, "grid" | "judge"> = {},
): PairMeasureName[] {
  const byJudge = judge ? (["judged"] as const) : [];
  const areTexts = tokenizer.target.end !== undefined && !("frameSize" in tokenizer.source);
  const others = grid ? (["tokenAccuracy"] as const) : areTexts ? (["bleu", "chrf"] as const) : [];
  return [...byJudge, "exactMatch", "positionAccuracy", "errorRate", ...others, "loss", "perplexity"];
}

export type PairScores = Partial<Record<PairMeasureName, number>>;

/** The scores of all questions together. */
export function scorePairs(
  pairs: readonly AnsweredPair[],
  names: readonly PairMeasureName[],
  all: Readonly<Record<PairMeasureName, PairMeasure>> = pairMeasures(),
): PairScores {
  const score = ({ statistics, score: of }: PairMeasure): number => of(sumStatistics(pairs.map(statistics)));
  return Object.fromEntries(names.map((name) => [name, score(all[name])]));
}

/** The scores of a group of questions. */
export interface GroupScores extends PairScores {
  readonly row: string;
  readonly column: string;
  /** Questions. */
  readonly count: number;
}

/** Scores by group, with what rows and columns are. */
export interface ScoreGrid {
  readonly row: string;
  readonly column: string;
  /** Row by row. */
  readonly cells: readonly GroupScores[];
}

/** Measures of each group. */
const gridMeasures: readonly PairMeasureName[] = ["exactMatch", "tokenAccuracy"];

/** Scores each group of a grid by itself. */
export function scoreGrid(answered: readonly AnsweredPair[], { row, column, cells }: PairGrid): ScoreGrid {
  const groups = new Map<string, { row: string; column: string; pairs: AnsweredPair[] }>();
  for (const pair of answered) {
    const cell = cells[pair.row] ?? { row: "", column: "" };
    const key = JSON.stringify([cell.row, cell.column]);
    const group = groups.get(key) ?? { row: cell.row, column: cell.column, pairs: [] };
    group.pairs.push(pair);
    groups.set(key, group);
  }
  const order = new Intl.Collator("en", { numeric: true });
  const sorted = [...groups.values()].sort((a, b) => order.compare(a.row, b.row) || order.compare(a.column, b.column));
  return {
    ...{ row, column },
    cells: sorted.map(({ pairs, ...cell }) => ({ ...cell, count: pairs.length, ...scorePairs(pairs, gridMeasures) })),
  };
}
