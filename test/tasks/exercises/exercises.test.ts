import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/random.js";
import { type Cell, type ExerciseKind, grid } from "../../../src/tasks/exercises/exercise.js";
import { exercises } from "../../../src/tasks/exercises/exercises.js";

const drawn = (kind: ExerciseKind, cell: Cell, count: number) => {
  const random = new Random(3);
  return Array.from({ length: count }, () => kind.draw(cell, random));
};

describe("exercises", () => {
  test("sums have numbers of the lengths of their cell, all of them, and are right", () => {
    const sums = drawn(exercises.addition, { row: 1, column: 2 }, 20_000).map(({ source, target }) => {
      const [a, b] = source.split("+").map(Number);
      expect(Number(target)).toBe((a ?? 0) + (b ?? 0));
      return [a, b];
    });
    expect(new Set(sums.map(([a]) => a))).toEqual(new Set(Array.from({ length: 10 }, (_, i) => i)));
    expect(new Set(sums.map(([, b]) => b))).toEqual(new Set(Array.from({ length: 90 }, (_, i) => 10 + i)));
  });

  test("a sum and the one with its numbers exchanged have one key", () => {
    for (const { source, key } of drawn(exercises.addition, { row: 2, column: 2 }, 500)) {
      const [a = 0, b = 0] = source.split("+").map(Number);
      expect(key).toBe(`${Math.min(a, b)}+${Math.max(a, b)}`);
    }
  });

  test("digits are shown once, twice or from their end, and are to be written as they are", () => {
    const show = {
      copy: (digits: string) => digits,
      "copy-doubled": (digits: string) => `${digits};${digits}`,
      "copy-reversed": (digits: string) => [...digits].reverse().join(""),
    } as const;
    for (const name of ["copy", "copy-doubled", "copy-reversed"] as const)
      for (const { source, target, key } of drawn(exercises[name], { row: 1, column: 7 }, 100)) {
        expect(target).toMatch(/^\d{7}$/);
        expect([source, key]).toEqual([show[name](target), target]);
      }
  });

  test("shorter numbers are as likely as longer ones", () => {
    const counts = new Map<string, number>();
    const random = new Random(1);
    for (let i = 0; i < 9000; i++) {
      const { row, column } = exercises.addition.cell({ digits: 3, nesting: 1 }, random);
      counts.set(`${row} ${column}`, (counts.get(`${row} ${column}`) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(grid(3, 3).map(({ row, column }) => `${row} ${column}`));
    for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("have a grid of every cell up to the target", () => {
    const target = { digits: 2, nesting: 3 };
    expect(exercises.programs.cells(target)).toEqual([
      { row: 1, column: 1 },
      { row: 1, column: 2 },
      { row: 2, column: 1 },
      { row: 2, column: 2 },
      { row: 3, column: 1 },
      { row: 3, column: 2 },
    ]);
    expect(exercises.copy.cells({ digits: 2, nesting: 1 })).toEqual([
      { row: 1, column: 1 },
      { row: 1, column: 2 },
    ]);
  });
});
