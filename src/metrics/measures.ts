import { editDistance, type Tokens } from "../engine/edit-distance.js";
import { Bleu } from "./bleu.js";
import { Chrf } from "./chrf.js";
import type { Measure } from "./measure.js";

/** Number of positions at which two sequences have the same token. */
function countAgreeing(a: Tokens, b: Tokens): number {
  let count = 0;
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] === b[i]) count++;
  return count;
}

/** Exact match: the share of sentences, from 0 to 1, that equal one of their references token by token. */
export const exactMatch: Measure<Tokens> = {
  statistics(hypothesis, references) {
    const { length } = hypothesis;
    const isRight = references.some((one) => one.length === length && countAgreeing(hypothesis, one) === length);
    return [isRight ? 1 : 0, 1];
  },

  score([right = 0, count = 0]) {
    return count > 0 ? right / count : 0;
  },
};

/**
 * Position accuracy: the share of positions, from 0 to 1, at which hypothesis and reference have the same token. If one of
 * them is longer, the rest of it counts as wrong. The reference with the highest share counts, of several such the
 * longest. An empty hypothesis for an empty reference is right.
 */
export const positionAccuracy: Measure<Tokens> = {
  statistics(hypothesis, references) {
    let best: [right: number, positions: number] = [-1, 1];
    for (const reference of references) {
      const [right, positions] = [countAgreeing(hypothesis, reference), Math.max(hypothesis.length, reference.length)];
      const gain = ratio(right, positions) - ratio(...best);
      if (gain > 0 || (gain === 0 && positions > best[1])) best = [right, positions];
    }
    return best;
  },

  score([right = 0, positions = 0]) {
    return ratio(right, positions);
  },
};

const ratio = (right: number, positions: number): number => (positions > 0 ? right / positions : 1);

/**
 * Error rate: edits per token of the reference. It is the word, character or phoneme error rate (WER, CER, PER) if the
 * tokens are words, characters or phonemes, and exceeds 1 if there are more edits than tokens. The reference with the
 * fewest edits counts, of several such the longest. If all references are empty, it is 0 without edits and 1 with any.
 */
export const errorRate: Measure<Tokens> = {
  statistics(hypothesis, references) {
    let closest: [edits: number, length: number] = [Number.POSITIVE_INFINITY, 0];
    for (const reference of references) {
      const [edits, length] = [editDistance(hypothesis, reference), reference.length];
      if (edits < closest[0] || (edits === closest[0] && length > closest[1])) closest = [edits, length];
    }
    return closest;
  },

  score([edits = 0, length = 0]) {
    return length > 0 ? edits / length : Math.min(edits, 1);
  },
};

/** A sentence in the two forms that measures read: its tokens and its text. */
export interface Sentence {
  readonly tokens: Tokens;
  readonly text: string;
}

/** Applies a measure to one form of a sentence. */
function on<Form extends keyof Sentence>(form: Form, measure: Measure<Sentence[Form]>): Measure<Sentence> {
  return {
    statistics(hypothesis, references) {
      return measure.statistics(
        hypothesis[form],
        references.map((reference) => reference[form]),
      );
    },
    score: (sums) => measure.score(sums),
  };
}

/** All measures by name. Those of tokens are fractions; `bleu` and `chrf` read the text and range from 0 to 100. */
export const measures = {
  exactMatch: on("tokens", exactMatch),
  positionAccuracy: on("tokens", positionAccuracy),
  errorRate: on("tokens", errorRate),
  bleu: on("text", new Bleu()),
  chrf: on("text", new Chrf()),
} as const satisfies Record<string, Measure<Sentence>>;

/** Name of a measure: a key of `measures`. */
export type MeasureName = keyof typeof measures;
