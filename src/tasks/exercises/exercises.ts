import type { Random } from "../../engine/random.js";
import type { ExerciseName } from "../pairs/datasets.js";
import { type ExerciseKind, grid } from "./exercise.js";
import { programs } from "./programs.js";

const DIGITS = "0123456789";

/** Sums such as `16+75`, of numbers of one to `length` digits, each length equally likely. */
const addition: ExerciseKind = {
  characters: `+${DIGITS}`,
  usual: { digits: 3, nesting: 1 },
  most: { digits: 9, nesting: 1 },
  axes: { row: "digits of the first", column: "digits of the second" },
  cells: ({ digits }) => grid(digits, digits),
  cell: ({ digits }, random) => ({ row: 1 + random.below(digits), column: 1 + random.below(digits) }),

  draw({ row, column }, random) {
    const [a, b] = [numberOf(row, random), numberOf(column, random)];
    return { source: `${a}+${b}`, target: String(a + b), key: `${Math.min(a, b)}+${Math.max(a, b)}` };
  },
};

/** An integer with a number of digits from 1 to 9; 0 has one. */
function numberOf(digits: number, random: Random): number {
  const least = digits === 1 ? 0 : 10 ** (digits - 1);
  return least + random.below(10 ** digits - least);
}

/** Digits to copy. @param show the form in which the source has them */
function copying(characters: string, show: (digits: string) => string): ExerciseKind {
  return {
    characters,
    usual: { digits: 10, nesting: 1 },
    most: { digits: 100, nesting: 1 },
    axes: { row: "", column: "digits" },
    cells: ({ digits }) => grid(1, digits),
    cell: ({ digits }, random) => ({ row: 1, column: 1 + random.below(digits) }),

    draw({ column }, random) {
      const digits = Array.from({ length: column }, () => random.below(10)).join("");
      return { source: show(digits), target: digits, key: digits };
    },
  };
}

/** Exercises by name. Source: Zaremba & Sutskever 2014. */
export const exercises = {
  programs,
  addition,
  copy: copying(DIGITS, (digits) => digits),
  /** Digits given twice, `123;123`, which is easier to copy. */
  "copy-doubled": copying(`${DIGITS};`, (digits) => `${digits};${digits}`),
  /** Digits in reverse: the first to write is the last one read. */
  "copy-reversed": copying(DIGITS, (digits) => [...digits].reverse().join("")),
} as const satisfies Record<ExerciseName, ExerciseKind>;
