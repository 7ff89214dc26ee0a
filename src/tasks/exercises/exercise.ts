import type { Random } from "../../engine/random.js";
import type { CurriculumName } from "../pairs/datasets.js";

/** The difficulty of an exercise: the digits of its numbers, and the number of nested operations. */
export interface Difficulty {
  readonly digits: number;
  readonly nesting: number;
}

/** A question with its answer. */
export interface Exercise {
  readonly source: string;
  readonly target: string;
  /** Decides the set: exercises of one key are never in two sets. */
  readonly key: string;
}

/** The position of an exercise in the grid of scores. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** One kind of exercise, without end. */
export interface ExerciseKind {
  /** Every character of questions and answers. */
  readonly characters: string;
  /** The default difficulty. */
  readonly usual: Difficulty;
  /** The largest difficulty. */
  readonly most: Difficulty;
  /** The labels of rows and columns of the grid. */
  readonly axes: { readonly row: string; readonly column: string };
  /** All cells of exercises up to a difficulty, row by row. */
  cells(target: Difficulty): Cell[];
  /** The cell of the next exercise of a difficulty. */
  cell(difficulty: Difficulty, random: Random): Cell;
  draw(cell: Cell, random: Random): Exercise;
}

/** The cells of a grid, row by row. */
export function grid(rows: number, columns: number): Cell[] {
  return Array.from({ length: rows * columns }, (_, i) => ({
    row: 1 + Math.floor(i / columns),
    column: 1 + (i % columns),
  }));
}

/** Decides the difficulty of the next exercise. @param done share of the training that is done, from 0 to 1 */
export type Curriculum = (target: Difficulty, done: number, random: Random) => Difficulty;

/** The share of the training after which the naive curriculum gives only the hardest exercises. */
const RISE = 0.25;

/**
 * One step after another: the numbers grow to their full length, then the nesting grows by one and the numbers start again
 * at one digit. The share of the training that is done decides, not the scores: every exercise is a function of its step.
 */
const naive: Curriculum = ({ digits, nesting }, done) => {
  const last = digits * nesting - 1;
  const step = Math.min(last, Math.floor((done / RISE) * last));
  return { digits: 1 + (step % digits), nesting: 1 + Math.floor(step / digits) };
};

/** Every difficulty up to the target, at any time. */
const mixed: Curriculum = ({ digits, nesting }, _, random) => ({
  digits: 1 + random.below(digits),
  nesting: 1 + random.below(nesting),
});

/** Curricula by name. Source: Zaremba & Sutskever 2014, section 4. */
export const curricula = {
  /** The target difficulty from the first exercise. */
  none: (target) => target,
  naive,
  mixed,
  /** Naive or mixed at random for each exercise: hard ones are seen early, and easy ones are not forgotten. */
  combined: (target, done, random) => (random.below(2) === 0 ? naive : mixed)(target, done, random),
} as const satisfies Record<CurriculumName, Curriculum>;
