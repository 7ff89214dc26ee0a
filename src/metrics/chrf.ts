import * as z from "zod/mini";
import { checkOptions } from "../engine/check-options.js";
import type { Tokens } from "../engine/edit-distance.js";
import { countNgrams, matchNgrams } from "./match-ngrams.js";
import { corpusStatistics, type Measure, sumStatistics } from "./measure.js";
import { formatSignature } from "./signature.js";
import { splitBlanks } from "./tokenizations.js";

/** The longest n-grams of characters. */
const CHARACTERS = 6;
/** How much more recall counts than precision, squared: β = 2. */
const FACTOR = 2 ** 2;

export const ChrfOptions = z.object({
  wordOrder: z._default(
    z.int().check(z.minimum(0), z.maximum(2), z.describe("longest n-grams of words; 2 is chrF++")),
    0,
  ),
  lowercase: z._default(z.boolean().check(z.describe("make no difference between A and a")), false),
});
export type ChrfOptions = z.infer<typeof ChrfOptions>;

export interface ChrfScore {
  /** From 0 to 100. */
  readonly score: number;
  /** What the score was computed by, in sacreBLEU's form. */
  readonly signature: string;
}

/**
 * chrF and chrF++ as sacreBLEU defines them: the F-score, with β = 2, of the mean precision P and the mean recall R of
 * n-grams of characters up to n = 6, and for chrF++ of words up to n = 2. Blanks do not count.
 *
 *     chrF = 100 · (1 + β²)·P·R / (β²·P + R)
 *
 * Orders longer than the texts are left out. Of several references the one with the highest score counts, of several
 * such the first. Source: Popović 2015 (chrF), 2017 (chrF++).
 */
export class Chrf implements Measure<string> {
  readonly #options: ChrfOptions;

  /** @throws OptionError where the word order is out of its range */
  constructor(options: z.input<typeof ChrfOptions> = {}) {
    this.#options = checkOptions("Chrf", ChrfOptions, options);
  }

  /** For each order: the n-grams of the hypothesis, those of the reference, the matches. */
  statistics(hypothesis: string, references: readonly string[]): number[] {
    const predicted = this.#cut(hypothesis);
    const rivals = references.map((reference) => {
      const wanted = this.#cut(reference);
      return [
        ...compare(predicted.characters, wanted.characters, CHARACTERS),
        ...compare(predicted.words, wanted.words, this.#options.wordOrder),
      ];
    });
    return rivals.reduce((best, rival) => (this.score(rival) > this.score(best) ? rival : best));
  }

  score(sums: readonly number[]): number {
    let [precision, recall, orders] = [0, 0, 0];
    for (let i = 0; i < sums.length; i += 3) {
      const [predicted = 0, there = 0, matches = 0] = sums.slice(i, i + 3);
      if (predicted === 0 || there === 0) continue;
      precision += matches / predicted;
      recall += matches / there;
      orders++;
    }
    if (precision + recall === 0) return 0;
    return (100 * (1 + FACTOR) * precision * recall) / (FACTOR * precision + recall) / orders;
  }

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

  #cut(text: string): { characters: string[]; words: string[] } {
    const words = splitBlanks(this.#options.lowercase ? text.toLowerCase() : text);
    return {
      characters: [...words.join("")],
      words: this.#options.wordOrder > 0 ? words.flatMap(partPunctuation) : [],
    };
  }
}

/** An n-gram that the reference is too short for counts neither for nor against the hypothesis. */
function compare(predicted: Tokens, wanted: Tokens, order: number): number[] {
  return matchNgrams(predicted, [wanted], order).flatMap((matches, i) => {
    const there = countNgrams(wanted.length, i + 1);
    return [there > 0 ? countNgrams(predicted.length, i + 1) : 0, there, matches];
  });
}

const isMark = (character: string | undefined): boolean => /^[!-/:-@[-`{-~]$/.test(character ?? "");

/** A mark of ASCII at the end of a word is a word of its own; otherwise one at its beginning. */
function partPunctuation(word: string): string[] {
  const inner = [...word].length === 1 ? 0 : isMark(word.at(-1)) ? word.length - 1 : isMark(word[0]) ? 1 : 0;
  return inner === 0 ? [word] : [word.slice(0, inner), word.slice(inner)];
}

/** chrF of a corpus. @throws ShapeError where a hypothesis has no reference, or there is no hypothesis */
export function corpusChrf(
  hypotheses: readonly string[],
  references: readonly (readonly string[])[],
  options: z.input<typeof ChrfOptions> = {},
): ChrfScore {
  const chrf = new Chrf(options);
  const score = chrf.score(sumStatistics(corpusStatistics(chrf, hypotheses, references)));
  return { score, signature: chrf.signature(references) };
}

/** chrF of one sentence. @throws ShapeError without a reference */
export function sentenceChrf(
  hypothesis: string,
  references: readonly string[],
  options: z.input<typeof ChrfOptions> = {},
): ChrfScore {
  return corpusChrf([hypothesis], [references], options);
}
