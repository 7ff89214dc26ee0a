import type { Tokens } from "../engine/edit-distance.js";
import { exactMatch, positionAccuracy } from "./accuracy.js";
import { Bleu } from "./bleu.js";
import { Chrf } from "./chrf.js";
import { errorRate } from "./error-rate.js";
import type { Measure } from "./measure.js";

/** A sentence as measures read it: some its tokens, some its text. */
export interface Sentence {
  readonly tokens: Tokens;
  readonly text: string;
}

/** A measure that reads one part of a sentence. */
function on<Part extends keyof Sentence>(part: Part, measure: Measure<Sentence[Part]>): Measure<Sentence> {
  return {
    statistics(hypothesis, references) {
      return measure.statistics(
        hypothesis[part],
        references.map((reference) => reference[part]),
      );
    },
    score: (sums) => measure.score(sums),
  };
}

/** All measures. Those of tokens are shares; `bleu` and `chrf`, of text, go from 0 to 100. */
export const measures = {
  exactMatch: on("tokens", exactMatch),
  positionAccuracy: on("tokens", positionAccuracy),
  errorRate: on("tokens", errorRate),
  bleu: on("text", new Bleu()),
  chrf: on("text", new Chrf()),
} as const satisfies Record<string, Measure<Sentence>>;

export type MeasureName = keyof typeof measures;
