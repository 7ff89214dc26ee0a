import type { Random } from "../../engine/random.js";
import type { Difficulty } from "./exercise.js";

/** Decides how hard the next exercise is. @param done share of the training that is done, from 0 to 1 */
export type Curriculum = (target: Difficulty, done: number, random: Random) => Difficulty;

/** The share of the training after which only the hardest exercises are left to the naive curriculum. */
const RISE = 0.25;

/**
 * One step after another: the numbers grow to their full length, then the nesting grows by one and the numbers begin anew.
 * What decides is how much of the training is done, not how well it goes, so that every exercise is a function of its place.
 */
const naive: Curriculum = ({ digits, nesting }, done) => {
  const last = digits * nesting - 1;
  const step = Math.min(last, Math.floor((done / RISE) * last));
  return { digits: 1 + (step % digits), nesting: 1 + Math.floor(step / digits) };
};

/** Every difficulty up to the target's, at any time. */
const mixed: Curriculum = ({ digits, nesting }, _, random) => ({
  digits: 1 + random.below(digits),
  nesting: 1 + random.below(nesting),
});

/** Curricula by name. Source: Zaremba & Sutskever 2014, section 4. */
export const curricula = {
  /** As hard as the target from the first exercise on. */
  none: (target) => target,
  naive,
  mixed,
  /** Each exercise by one of the two, by chance: what is to come is seen early, and what was learned is not forgotten. */
  combined: (target, done, random) => (random.below(2) === 0 ? naive : mixed)(target, done, random),
} as const satisfies Record<string, Curriculum>;
export type CurriculumName = keyof typeof curricula;
