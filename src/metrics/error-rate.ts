import { editDistance, type Tokens } from "../engine/edit-distance.js";
import type { Measure } from "./measure.js";

/**
 * Edits per token of the reference: the error rate of words, characters or phonemes, whatever the tokens are. It is above
 * 1 where there are more edits than tokens. The nearest reference counts, the one with the fewest edits; of several as
 * near, the longest. Where all references are empty, it is 0 without edits and 1 with any.
 */
export const errorRate: Measure<Tokens> = {
  statistics(hypothesis, references) {
    let nearest: [edits: number, length: number] = [Number.POSITIVE_INFINITY, 0];
    for (const reference of references) {
      const [edits, length] = [editDistance(hypothesis, reference), reference.length];
      if (edits < nearest[0] || (edits === nearest[0] && length > nearest[1])) nearest = [edits, length];
    }
    return nearest;
  },

  score([edits = 0, length = 0]) {
    return length > 0 ? edits / length : Math.min(edits, 1);
  },
};
