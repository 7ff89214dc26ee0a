import * as z from "zod/mini";
import { checkOptions } from "../engine/check-options.js";
import { countNgrams, matchNgrams } from "./match-ngrams.js";
import { corpusStatistics, type Measure, sumStatistics } from "./measure.js";
import { formatSignature } from "./signature.js";
import { tokenizations } from "./tokenizations.js";

/** The orders of n-grams that count. */
const orders = [1, 2, 3, 4] as const;

export const BleuOptions = z.object({
  tokenize: z._default(
    z.enum(["13a", "none", "char", "intl"]).check(z.describe("how BLEU cuts texts into tokens, as in sacreBLEU")),
    "13a",
  ),
  lowercase: z._default(z.boolean().check(z.describe("make no difference between A and a")), false),
  smooth: z._default(
    z.enum(["exp", "floor", "add-k", "none"]).check(z.describe("what an order without a match counts as")),
    "exp",
  ),
  effectiveOrder: z._default(z.boolean().check(z.describe("leave out orders longer than the text")), false),
});
export type BleuOptions = z.infer<typeof BleuOptions>;

export interface BleuParts {
  /** From 0 to 100. */
  readonly score: number;
  /** Of n-grams from n = 1 to 4, smoothed, in percent. */
  readonly precisions: readonly number[];
  /** From 0 to 1: 1 where the hypotheses are as long as the references, or longer. */
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly hypothesisLength: number;
  /** In tokens, of the references nearest in length; of two as near, the shorter. */
  readonly referenceLength: number;
}

export interface BleuScore extends BleuParts {
  /** What the score was computed by, in sacreBLEU's form. */
  readonly signature: string;
}

/** What is taken for the matches of order n and for its n-grams; `empty` counts the orders without a match up to it. */
type Smoothing = (
  matches: number,
  total: number,
  n: number,
  empty: number,
) => readonly [matches: number, total: number];

/** Source: Chen & Cherry 2014, methods 1 (floor), 2 (add-k) and 3 (exp). */
const smoothings: Readonly<Record<BleuOptions["smooth"], { label: string; smooth: Smoothing }>> = {
  none: { label: "none", smooth: (matches, total) => [matches, total] },
  exp: { label: "exp", smooth: (matches, total, _, empty) => [matches || 2 ** -empty, total] },
  floor: { label: "floor[0.10]", smooth: (matches, total) => [matches || 0.1, total] },
  "add-k": {
    label: "add-k[1.00]",
    smooth: (matches, total, n) => (n > 1 ? [matches + 1, total + 1] : [matches, total]),
  },
};

/**
 * BLEU as sacreBLEU defines it: the geometric mean of the precisions pₙ of n-grams, less where the text is too short.
 *
 *     BLEU = 100 · min(1, exp(1 − reference length / hypothesis length)) · (p₁·p₂·p₃·p₄)^¼
 *
 * It is 0 where not one token matches. Source: Papineni et al. 2002; Post 2018.
 */
export class Bleu implements Measure<string> {
  readonly #options: BleuOptions;

  /** @throws OptionError where there is no such tokenization or smoothing */
  constructor(options: z.input<typeof BleuOptions> = {}) {
    this.#options = checkOptions("Bleu", BleuOptions, options);
  }

  /** The length of the nearest reference, the matches of each order, the hypothesis's n-grams of each order. */
  statistics(hypothesis: string, references: readonly string[]): number[] {
    const candidate = this.#tokensOf(hypothesis);
    const cuts = references.map((reference) => this.#tokensOf(reference));
    const nearest = cuts
      .map(({ length }) => length)
      .reduce((a, b) => {
        const nearer = Math.abs(b - candidate.length) - Math.abs(a - candidate.length);
        return nearer < 0 || (nearer === 0 && b < a) ? b : a;
      });
    const totals = orders.map((n) => countNgrams(candidate.length, n));
    return [nearest, ...matchNgrams(candidate, cuts, orders.length), ...totals];
  }

  score(sums: readonly number[]): number {
    return this.explain(sums).score;
  }

  /** The score with what it is made of. */
  explain([referenceLength = 0, ...counts]: readonly number[]): BleuParts {
    const [matches, totals] = [counts.slice(0, orders.length), counts.slice(orders.length)];
    const [hypothesisLength = 0] = totals;
    const shares = this.#shares(matches, totals);
    const isLongEnough = this.#options.effectiveOrder ? shares.length > 0 : shares.length === orders.length;
    const mean = Math.exp(shares.reduce((sum, share) => sum + Math.log(share), 0) / shares.length);
    const brevityPenalty = hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
    return {
      score: isLongEnough ? 100 * brevityPenalty * mean : 0,
      precisions: orders.map((_, i) => 100 * (shares[i] ?? 0)),
      ...{ brevityPenalty, hypothesisLength, referenceLength },
    };
  }

  signature(references: readonly (readonly string[])[]): string {
    const { tokenize: tok, lowercase, smooth, effectiveOrder } = this.#options;
    const [letters, eff] = [lowercase ? "lc" : "mixed", effectiveOrder ? "yes" : "no"];
    return formatSignature(references, { case: letters, eff, tok, smooth: smoothings[smooth].label });
  }

  /** The smoothed precisions, as shares, of the orders that the texts are long enough for; none without any match. */
  #shares(matches: readonly number[], totals: readonly number[]): number[] {
    const shares: number[] = [];
    if (matches.every((count) => count === 0)) return shares;
    let empty = 0;
    for (const [i, count] of matches.entries()) {
      if (count === 0) empty++;
      const [found, total] = smoothings[this.#options.smooth].smooth(count, totals[i] ?? 0, i + 1, empty);
      if (total === 0) break;
      shares.push(found / total);
    }
    return shares;
  }

  #tokensOf(text: string): string[] {
    const { tokenize, lowercase } = this.#options;
    return tokenizations[tokenize]((lowercase ? text.toLowerCase() : text).trimEnd());
  }
}

/**
 * BLEU of a corpus.
 * @param references one or more for each hypothesis: `references[i]` lists those of the sentence i
 * @throws ShapeError where a hypothesis has none, or there is no hypothesis
 */
export function corpusBleu(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: z.input<typeof BleuOptions> = {},
): BleuScore {
  const bleu = new Bleu(options);
  const sums = sumStatistics(corpusStatistics(bleu, hypotheses, references));
  return { ...bleu.explain(sums), signature: bleu.signature(references) };
}

/** BLEU of one sentence, over the orders that it is long enough for. @throws ShapeError without a reference */
export function sentenceBleu(
  hypothesis: string,
  references: readonly string[],
  options: Omit<z.input<typeof BleuOptions>, "effectiveOrder"> = {},
): BleuScore {
  return corpusBleu([hypothesis], [references], { ...options, effectiveOrder: true });
}
