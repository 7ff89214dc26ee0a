import type * as z from "zod/mini";
import { Bleu, type BleuOptions } from "../metrics/bleu.js";
import { sumStatistics } from "../metrics/measure.js";
import { type MeasureName, measures } from "../metrics/measures.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import type { AnsweredPair } from "./answer-pairs.js";

/** A score of answered questions that is a function of sums over them. */
export interface PairMeasure {
  statistics(pair: AnsweredPair): number[];
  score(sums: readonly number[]): number;
}

export type PairMeasureName = MeasureName | "loss" | "perplexity";

/** Nats per token, each predicted from the true ones before it. */
const mean = ([loss = 0, tokens = 0]: readonly number[]): number => loss / tokens;
const likelihood = ({ loss, tokens }: AnsweredPair): number[] => [loss, tokens];

function ofAnswers(name: MeasureName): PairMeasure {
  const { statistics, score } = measures[name];
  return { statistics: ({ guess, truths }) => statistics(guess, truths), score };
}

/** All measures of answers. Shares go from 0 to 1, `bleu` and `chrf` from 0 to 100. */
export function pairMeasures(
  options: z.input<typeof BleuOptions> = {},
): Readonly<Record<PairMeasureName, PairMeasure>> {
  const bleu = new Bleu(options);
  return {
    exactMatch: ofAnswers("exactMatch"),
    tokenAccuracy: ofAnswers("tokenAccuracy"),
    errorRate: ofAnswers("errorRate"),
    bleu: {
      statistics: ({ guess, truths }) =>
        bleu.statistics(
          guess.text,
          truths.map(({ text }) => text),
        ),
      score: (sums) => bleu.score(sums),
    },
    chrf: ofAnswers("chrf"),
    loss: { statistics: likelihood, score: mean },
    perplexity: { statistics: likelihood, score: (sums) => Math.exp(mean(sums)) },
  };
}

/** Those that a model's answers call for: BLEU and chrF are for texts, not for lines of fixed width. */
export function measuresFor({ end }: PairTokenizer): PairMeasureName[] {
  const forTexts = end === undefined ? [] : (["bleu", "chrf"] as const);
  return ["exactMatch", "tokenAccuracy", "errorRate", ...forTexts, "loss", "perplexity"];
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
