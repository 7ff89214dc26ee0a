import * as z from "zod/mini";
import { checkOptions, describeOption } from "../engine/check-options.js";
import type { Tokens } from "../engine/edit-distance.js";
import { corpusStatistics, type Measure, sumStatistics } from "./measure.js";

/** Orders of the n-grams that BLEU counts. */
const orders = [1, 2, 3, 4] as const;

/** Settings of BLEU. The names and the defaults are those of sacreBLEU. */
export const BleuOptions = z.object({
  tokenize: z._default(
    z.enum(["13a", "none", "char", "intl"]).check(describeOption("output", "Tokenize for BLEU as sacreBLEU does")),
    "13a",
  ),
  lowercase: z._default(z.boolean().check(describeOption("output", "Ignore case")), false),
  smooth: z._default(
    z.enum(["exp", "floor", "add-k", "none"]).check(describeOption("output", "Smooth n-gram orders without a match")),
    "exp",
  ),
  effectiveOrder: z._default(
    z.boolean().check(describeOption("output", "Leave out n-gram orders longer than the text")),
    false,
  ),
});
export type BleuOptions = z.infer<typeof BleuOptions>;

/** BLEU and the quantities that it is computed from. */
export interface BleuParts {
  /** From 0 to 100. */
  readonly score: number;
  /** Smoothed precisions of n-grams for n = 1 to 4, in percent. */
  readonly precisions: readonly number[];
  /** From 0 to 1; 1 if the hypotheses are at least as long as the references. */
  readonly brevityPenalty: number;
  /** In tokens. */
  readonly hypothesisLength: number;
  /** In tokens, counting for each sentence the reference closest in length; of two equally close ones the shorter. */
  readonly referenceLength: number;
}

/** A BLEU score with its signature. */
export interface BleuScore extends BleuParts {
  /** Settings of the score in the form of sacreBLEU. */
  readonly signature: string;
}

/** Gives the matches and the total of order n; `empty` counts the orders up to n that have no match. */
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
 * BLEU as sacreBLEU defines it: the geometric mean of the n-gram precisions pₙ, times a brevity penalty.
 *
 *     BLEU = 100 · min(1, exp(1 − reference length / hypothesis length)) · (p₁·p₂·p₃·p₄)^¼
 *
 * It is 0 if no token matches. Source: Papineni et al. 2002; Post 2018.
 */
export class Bleu implements Measure<string> {
  readonly #options: BleuOptions;

  /** @throws OptionError for an unknown tokenization or smoothing */
  constructor(options: z.input<typeof BleuOptions> = {}) {
    this.#options = checkOptions("Bleu", BleuOptions, options);
  }

  /** Counts the length of the closest reference, the matches of each order and the hypothesis's n-grams of each order. */
  statistics(hypothesis: string, references: readonly string[]): number[] {
    const tokens = this.#tokensOf(hypothesis);
    const ofReferences = references.map((reference) => this.#tokensOf(reference));
    const closest = ofReferences
      .map(({ length }) => length)
      .reduce((a, b) => {
        const closer = Math.abs(b - tokens.length) - Math.abs(a - tokens.length);
        return closer < 0 || (closer === 0 && b < a) ? b : a;
      });
    const totals = orders.map((n) => countNgrams(tokens.length, n));
    return [closest, ...matchNgrams(tokens, ofReferences, orders.length), ...totals];
  }

  /** Score from 0 to 100. @param sums of the statistics of all sentences */
  score(sums: readonly number[]): number {
    return this.explain(sums).score;
  }

  /** Score with the quantities that it is computed from. @param sums of the statistics of all sentences */
  explain([referenceLength = 0, ...counts]: readonly number[]): BleuParts {
    const [matches, totals] = [counts.slice(0, orders.length), counts.slice(orders.length)];
    const [hypothesisLength = 0] = totals;
    const precisions = this.#precisions(matches, totals);
    const isLongEnough = this.#options.effectiveOrder ? precisions.length > 0 : precisions.length === orders.length;
    const mean = Math.exp(precisions.reduce((sum, precision) => sum + Math.log(precision), 0) / precisions.length);
    const brevityPenalty = hypothesisLength < referenceLength ? Math.exp(1 - referenceLength / hypothesisLength) : 1;
    return {
      score: isLongEnough ? 100 * brevityPenalty * mean : 0,
      precisions: orders.map((_, i) => 100 * (precisions[i] ?? 0)),
      ...{ brevityPenalty, hypothesisLength, referenceLength },
    };
  }

  /** Settings of the score in the form of sacreBLEU. Scores with the same signature can be compared. */
  signature(references: readonly (readonly string[])[]): string {
    const { tokenize: tok, lowercase, smooth, effectiveOrder } = this.#options;
    const [letters, eff] = [lowercase ? "lc" : "mixed", effectiveOrder ? "yes" : "no"];
    return formatSignature(references, { case: letters, eff, tok, smooth: smoothings[smooth].label });
  }

  /** Smoothed precisions, from 0 to 1, of the orders that the texts are long enough for; empty if nothing matches. */
  #precisions(matches: readonly number[], totals: readonly number[]): number[] {
    const precisions: number[] = [];
    if (matches.every((count) => count === 0)) return precisions;
    let empty = 0;
    for (const [i, count] of matches.entries()) {
      if (count === 0) empty++;
      const [found, total] = smoothings[this.#options.smooth].smooth(count, totals[i] ?? 0, i + 1, empty);
      if (total === 0) break;
      precisions.push(found / total);
    }
    return precisions;
  }

  #tokensOf(text: string): string[] {
    const { tokenize, lowercase } = this.#options;
    return tokenizations[tokenize]((lowercase ? text.toLowerCase() : text).trimEnd());
  }
}

/**
 * BLEU of a corpus.
 *
 * @param references one or more for each hypothesis: `references[i]` lists those of sentence i
 * @throws ShapeError if there is no hypothesis, or a hypothesis has no reference
 * @throws OptionError for an unknown tokenization or smoothing
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

/**
 * BLEU of one sentence, over the orders that it is long enough for.
 *
 * @throws ShapeError if there is no reference
 * @throws OptionError for an unknown tokenization or smoothing
 */
export function sentenceBleu(
  hypothesis: string,
  references: readonly string[],
  options: Omit<z.input<typeof BleuOptions>, "effectiveOrder"> = {},
): BleuScore {
  return corpusBleu([hypothesis], [references], { ...options, effectiveOrder: true });
}

/**
 * Number of n-grams of a hypothesis that match its references, for n from 1 to `order`. An n-gram counts at most as often
 * as it occurs in the reference that has it most often (clipped counts).
 *
 * The n-grams of the references form a trie whose edges are tokens. A walk from each position of the hypothesis stops at
 * the first token that no reference continues with: no longer n-gram from there can match.
 */
export function matchNgrams(hypothesis: Tokens, references: readonly Tokens[], order: number): number[] {
  const ids = new Map<string | number, number>();
  const width = 1 + references.reduce((sum, { length }) => sum + length, 0); // above every id
  const children = new Map<number, number>(); // by parent·width + id of the token; the root is node 0
  const most: number[] = []; // by node
  for (const reference of references) {
    const path = Array.from(reference, (token) => {
      const id = ids.get(token) ?? ids.size;
      ids.set(token, id);
      return id;
    });
    const counts = new Map<number, number>(); // by node
    for (let start = 0; start < path.length; start++) {
      let node = 0;
      for (let i = start; i < Math.min(start + order, path.length); i++) {
        const edge = node * width + (path[i] ?? 0);
        node = children.get(edge) ?? children.size + 1;
        children.set(edge, node);
        counts.set(node, (counts.get(node) ?? 0) + 1);
      }
    }
    for (const [node, count] of counts) most[node] = Math.max(most[node] ?? 0, count);
  }

  const matches = new Array<number>(order).fill(0);
  for (let start = 0; start < hypothesis.length; start++) {
    let node: number | undefined = 0;
    for (let n = 0; n < order && start + n < hypothesis.length; n++) {
      const id = ids.get(hypothesis[start + n] ?? "");
      node = id === undefined ? undefined : children.get(node * width + id);
      if (node === undefined) break;
      const left = most[node] ?? 0;
      if (left === 0) continue; // all its occurrences are matched, but a longer n-gram may still match
      most[node] = left - 1;
      matches[n] = (matches[n] ?? 0) + 1;
    }
  }
  return matches;
}

/** Number of n-grams in a sequence of `length` tokens. */
export const countNgrams = (length: number, n: number): number => Math.max(0, length - n + 1);

/** Words of a text, separated by Unicode white space. */
export function splitBlanks(text: string): string[] {
  return text.split(/\p{White_Space}+/u).filter((word) => word !== "");
}

/** Tokenizations for BLEU, with the names and definitions of sacreBLEU 2. */
const tokenizations: Readonly<Record<BleuOptions["tokenize"], (text: string) => string[]>> = {
  none: splitBlanks,
  char: (text) => splitBlanks([...text].join(" ")),
  "13a": (text) => splitBlanks(separate13a(` ${readEntities(text)} `)),
  intl: (text) => splitBlanks(separateUnicode(text)),
};

/** Joins lines broken at a hyphen and decodes the four entities that mteval-v13a knows. */
function readEntities(text: string): string {
  return text
    .replaceAll("<skipped>", "")
    .replaceAll("-\n", "")
    .replaceAll("\n", " ")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
}

/** Puts blanks around ASCII punctuation, except the apostrophe and the points, commas and hyphens inside numbers. */
function separate13a(text: string): string {
  return text
    .replace(/[!-&(-+/:-@[-`{-~]/g, " $& ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])-/g, "$1 - ");
}

/** Puts blanks around all symbols, and around punctuation that is not between two numbers. */
function separateUnicode(text: string): string {
  return text
    .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
    .replace(/(\p{P})(\P{N})/gu, " $1 $2")
    .replace(/\p{S}/gu, " $& ");
}

/** Release of sacreBLEU that the definitions here follow. */
const VERSION = "2.6.0";

/** Formats the settings of a score as sacreBLEU does: `nrefs:1|case:mixed|…|version:2.6.0`. */
export function formatSignature(
  references: readonly (readonly string[])[],
  parts: Readonly<Record<string, string | number>>,
): string {
  const counts = new Set(references.map(({ length }) => length));
  const nrefs = counts.size === 1 ? [...counts].join() : "var";
  return Object.entries({ nrefs, ...parts, version: VERSION })
    .map(([key, value]) => `${key}:${value}`)
    .join("|");
}
