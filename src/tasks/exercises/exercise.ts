import type { Random } from "../../engine/random.js";

/** How hard an exercise is: `length` in digits, and how many operations stand in one another. */
export interface Difficulty {
  readonly digits: number;
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
