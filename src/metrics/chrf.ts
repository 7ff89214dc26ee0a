import * as z from "zod/mini";
import { checkOptions, describeOption } from "../engine/check-options.js";
import type { Tokens } from "../engine/edit-distance.js";
import { countNgrams, formatSignature, matchNgrams, splitBlanks } from "./bleu.js";
import { corpusStatistics, type Measure, sumStatistics } from "./measure.js";

/** Highest order of character n-grams. */
const CHARACTERS = 6;
/** β² for β = 2: recall weighs twice as much as precision. */
const BETA_SQUARED = 2 ** 2;

/** Settings of chrF. The names and the defaults are those of sacreBLEU. */
export const ChrfOptions = z.object({
  wordOrder: z._default(
    z
      .int()
      .check(z.minimum(0), z.maximum(2), describeOption("output", "Count word n-grams up to this order; 2 is chrF++")),
    0,
  ),
  lowercase: z._default(z.boolean().check(describeOption("output", "Ignore case")), false),
});
export type ChrfOptions = z.infer<typeof ChrfOptions>;

/** A chrF score with its signature. */
export interface ChrfScore {
  /** From 0 to 100. */
  readonly score: number;
  /** Settings of the score in the form of sacreBLEU. */
  readonly signature: string;
}

/**
 * chrF and chrF++ as sacreBLEU defines them: the F-score, with β = 2, of the mean precision P and the mean recall R of
 * character n-grams up to n = 6, and for chrF++ of word n-grams up to n = 2. Blanks do not count.
 *
 *     chrF = 100 · (1 + β²)·P·R / (β²·P + R)
 *
 * Orders longer than the texts are left out. The reference with the highest score counts, of several such the first.
 * Source: Popović 2015 (chrF), 2017 (chrF++).
 */
export class Chrf implements Measure<string> {
  readonly #options: ChrfOptions;

  /** @throws OptionError if the word order is out of range */
  constructor(options: z.input<typeof ChrfOptions> = {}) {
    this.#options = checkOptions("Chrf", ChrfOptions, options);
  }

  /** Counts for each order the n-grams of the hypothesis, those of the reference, and the matches. */
  statistics(hypothesis: string, references: readonly string[]): number[] {
    const own = this.#split(hypothesis);
    const candidates = references.map((reference) => {
      const other = this.#split(reference);
      return [
        ...compare(own.characters, other.characters, CHARACTERS),
        ...compare(own.words, other.words, this.#options.wordOrder),
      ];
    });
    return candidates.reduce((best, candidate) => (this.score(candidate) > this.score(best) ? candidate : best));
  }

  /** Score from 0 to 100. @param sums of the statistics of all sentences */
  score(sums: readonly number[]): number {
    let [precision, recall, orders] = [0, 0, 0];
    for (let i = 0; i < sums.length; i += 3) {
      const [ofHypothesis = 0, ofReference = 0, matches = 0] = sums.slice(i, i + 3);
      if (ofHypothesis === 0 || ofReference === 0) continue;
      precision += matches / ofHypothesis;
      recall += matches / ofReference;
      orders++;
    }
    if (precision + recall === 0) return 0;
    return (100 * (1 + BETA_SQUARED) * precision * recall) / (BETA_SQUARED * precision + recall) / orders;
  }

  /** Settings of the score in the form of sacreBLEU. Scores with the same signature can be compared. */
  signature(references: readonly (readonly string[])[]): string {
    const { lowercase, wordOrder: nw } = this.#options;
    return formatSignature(references, {
      case: lowercase ? "lc" : "mixed",
      eff: "yes",
      nc: CHARACTERS,
      nw,
      space: "no",
    });
  }

  #split(text: string): { characters: string[]; words: string[] } {
    const words = splitBlanks(this.#options.lowercase ? text.toLowerCase() : text);
    return {
      characters: [...words.join("")],
      words: this.#options.wordOrder > 0 ? words.flatMap(splitPunctuation) : [],
    };
  }
}

/** Counts of each order. Orders that the reference is too short for do not count against the hypothesis. */
function compare(hypothesis: Tokens, reference: Tokens, order: number): number[] {
  return matchNgrams(hypothesis, [reference], order).flatMap((matches, i) => {
    const ofReference = countNgrams(reference.length, i + 1);
    return [ofReference > 0 ? countNgrams(hypothesis.length, i + 1) : 0, ofReference, matches];
  });
}

const isPunctuation = (character: string | undefined): boolean => /^[!-/:-@[-`{-~]$/.test(character ?? "");

/** Splits one ASCII punctuation mark from a word: the one at its end, or else the one at its beginning. */
function splitPunctuation(word: string): string[] {
  const isOne = [...word].length === 1;
  const at = isOne ? 0 : isPunctuation(word.at(-1)) ? word.length - 1 : isPunctuation(word[0]) ? 1 : 0;
  return at === 0 ? [word] : [word.slice(0, at), word.slice(at)];
}

/**
 * chrF of a corpus.
 *
 * @param references one or more for each hypothesis: `references[i]` lists those of sentence i
 * @throws ShapeError if there is no hypothesis, or a hypothesis has no reference
 * @throws OptionError if the word order is out of range
 */
export function corpusChrf(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: z.input<typeof ChrfOptions> = {},
): ChrfScore {
  const chrf = new Chrf(options);
  const score = chrf.score(sumStatistics(corpusStatistics(chrf, hypotheses, references)));
  return { score, signature: chrf.signature(references) };
}

/**
 * chrF of one sentence.
 *
 * @throws ShapeError if there is no reference
 * @throws OptionError if the word order is out of range
 */
export function sentenceChrf(
  hypothesis: string,
  references: readonly string[],
  options: z.input<typeof ChrfOptions> = {},
): ChrfScore {
  return corpusChrf([hypothesis], [references], options);
}
