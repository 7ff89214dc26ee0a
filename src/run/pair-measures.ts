import type * as z from "zod/mini";
import { Bleu, type BleuOptions } from "../metrics/bleu.js";
import { Chrf } from "../metrics/chrf.js";
import { sumStatistics } from "../metrics/measure.js";
import { type MeasureName, measures } from "../metrics/measures.js";
import type { Sources } from "../models/sources.js";
import type { PairSet } from "../tasks/pairs/pairs.js";
import { FrameTargets } from "../tasks/sounds/frame-targets.js";
import type { Targets } from "../text/targets.js";
import type { AnsweredPair } from "./answer-pairs.js";

/** A score of answered questions that is a function of sums over them. */
export interface PairMeasure {
  statistics(pair: AnsweredPair): number[];
  score(sums: readonly number[]): number;
  /** What the score was computed by, in sacreBLEU's form. */
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
  tokenizer: Targets,
  { grid, judge }: Pick<PairSet<Sources>, "grid" | "judge"> = {},
): PairMeasureName[] {
  const byJudge = judge ? (["judged"] as const) : [];
  const areTexts = tokenizer.end !== undefined && !(tokenizer instanceof FrameTargets);
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
