import type { Tokens } from "../engine/edit-distance.js";
import type { Measure } from "./measure.js";

/** How many tokens two sequences have in common, place by place. */
function countAgreeing(a: Tokens, b: Tokens): number {
  let count = 0;
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] === b[i]) count++;
  return count;
}

/** The share of sentences that equal one of their references, token by token. */
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
 * The share of places at which hypothesis and reference have the same token; where one of them is longer, the rest of it
 * is wrong. The reference with the highest share counts; of several, the longest. Nothing against nothing is right.
 */
export const positionAccuracy: Measure<Tokens> = {
  statistics(hypothesis, references) {
    let best: [right: number, places: number] = [-1, 1];
    for (const reference of references) {
      const [right, places] = [countAgreeing(hypothesis, reference), Math.max(hypothesis.length, reference.length)];
      const gain = share(right, places) - share(...best);
      if (gain > 0 || (gain === 0 && places > best[1])) best = [right, places];
    }
    return best;
  },

  score([right = 0, places = 0]) {
    return share(right, places);
  },
};

const share = (right: number, places: number): number => (places > 0 ? right / places : 1);
