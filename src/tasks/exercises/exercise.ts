import type { Random } from "../../engine/random.js";
import type { CurriculumName } from "../pairs/datasets.js";

/** How hard an exercise is: `length` in digits, and how many operations stand in one another. */
export interface Difficulty {
  readonly length: number;
  readonly nesting: number;
}

/** A question with its answer. */
export interface Exercise {
  readonly source: string;
  readonly target: string;
  /** What decides the part it belongs to: exercises of one key are never in two parts. */
  readonly key: string;
}

/** Where an exercise stands in the grid of scores. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** Exercises of one kind, as many as one likes. */
export interface ExerciseKind {
  /** Every character that may stand in a question or an answer. */
  readonly characters: string;
  /** How hard they are where nothing is said. */
  readonly usual: Difficulty;
  /** The hardest that can be asked for. */
  readonly most: Difficulty;
  /** What rows and columns of the grid are. */
  readonly axes: { readonly row: string; readonly column: string };
  /** All cells of exercises that are at most so hard, row by row. */
  cells(target: Difficulty): Cell[];
  /** The cell of the next exercise of a difficulty. */
  cell(difficulty: Difficulty, random: Random): Cell;
  draw(cell: Cell, random: Random): Exercise;
}

/** The cells of a grid of so many rows and columns. */
export function grid(rows: number, columns: number): Cell[] {
  return Array.from({ length: rows * columns }, (_, i) => ({
    row: 1 + Math.floor(i / columns),
    column: 1 + (i % columns),
  }));
}

/** Decides how hard the next exercise is. @param done share of the training that is done, from 0 to 1 */
export type Curriculum = (target: Difficulty, done: number, random: Random) => Difficulty;

/** The share of the training after which only the hardest exercises are left to the naive curriculum. */
const RISE = 0.25;

/**
 * One step after another: the numbers grow to their full length, then the nesting grows by one and the numbers begin anew.
 * What decides is how much of the training is done, not how well it goes, so that every exercise is a function of its place.
 */
const naive: Curriculum = ({ length, nesting }, done) => {
  const last = length * nesting - 1;
  const step = Math.min(last, Math.floor((done / RISE) * last));
  return { length: 1 + (step % length), nesting: 1 + Math.floor(step / length) };
};

/** Every difficulty up to the target's, at any time. */
const mixed: Curriculum = ({ length, nesting }, _, random) => ({
  length: 1 + random.below(length),
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
} as const satisfies Record<CurriculumName, Curriculum>;
