import type * as z from "zod/mini";
import type { Judge } from "../data/pairs.js";
import { Bleu, type BleuOptions } from "../metrics/bleu.js";
import { Chrf } from "../metrics/chrf.js";
import { sumStatistics } from "../metrics/measure.js";
import { type MeasureName, measures } from "../metrics/measures.js";
import type { Targets } from "../text/targets.js";
import type { AnsweredPair } from "./answer-pairs.js";

/** A score of answered questions that is a function of sums over them. */
export interface PairMeasure {
  statistics(pair: AnsweredPair): number[];
  score(sums: readonly number[]): number;
  /** What the score was computed by, in sacreBLEU's form. */
  signature?(pairs: readonly AnsweredPair[]): string;
}

export type PairMeasureName = MeasureName | "judged" | "loss" | "perplexity";

const mean = ([sum = 0, count = 0]: readonly number[]): number => sum / count;
/** Nats of the true tokens, each predicted from the true ones before it. */
const likelihood = ({ loss, tokens }: AnsweredPair): number[] => [loss, tokens];

function ofAnswers(name: "exactMatch" | "tokenAccuracy" | "errorRate"): PairMeasure {
  const { statistics, score } = measures[name];
  return { statistics: ({ guess, truths }) => statistics(guess, truths), score };
}

function ofTexts(measure: Bleu | Chrf): PairMeasure {
  return {
    statistics: (pair) => measure.statistics(pair.guess.text, textsOf(pair)),
    score: (sums) => measure.score(sums),
    signature: (pairs) => measure.signature(pairs.map(textsOf)),
  };
}

const textsOf = ({ truths }: AnsweredPair): string[] => truths.map(({ text }) => text);

/**
 * All measures of answers. Shares go from 0 to 1, `bleu` and `chrf` from 0 to 100.
 * @param judge whose share of right answers is `judged`
 */
export function pairMeasures(
  options: z.input<typeof BleuOptions> = {},
  judge: Judge = () => false,
): Readonly<Record<PairMeasureName, PairMeasure>> {
  const [bleu, chrf] = [new Bleu(options), new Chrf()];
  return {
    exactMatch: ofAnswers("exactMatch"),
    tokenAccuracy: ofAnswers("tokenAccuracy"),
    errorRate: ofAnswers("errorRate"),
    bleu: ofTexts(bleu),
    chrf: ofTexts(chrf),
    judged: { statistics: ({ question, guess }) => [judge(question, guess.text) ? 1 : 0, 1], score: mean },
    loss: { statistics: likelihood, score: mean },
    perplexity: { statistics: likelihood, score: (sums) => Math.exp(mean(sums)) },
  };
}

/** Those that a model's answers call for: BLEU and chrF are for texts, not for lines of fixed width. */
export function measuresFor({ end }: Targets, judge?: Judge): PairMeasureName[] {
  const byJudge = judge ? (["judged"] as const) : [];
  const forTexts = end === undefined ? [] : (["bleu", "chrf"] as const);
  return [...byJudge, "exactMatch", "tokenAccuracy", "errorRate", ...forTexts, "loss", "perplexity"];
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
