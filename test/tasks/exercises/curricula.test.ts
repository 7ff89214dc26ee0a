import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/random.js";
import type { Difficulty } from "../../../src/tasks/exercises/exercise.js";
import { curricula } from "../../../src/tasks/exercises/exercise.js";
import type { CurriculumName } from "../../../src/tasks/pairs/datasets.js";

const target = { digits: 3, nesting: 2 };

/** How often each difficulty comes at a share of the training, as "digits.nesting". */
function counts(name: CurriculumName, done: number, aim: Difficulty = target): Map<string, number> {
  const random = new Random(5);
  const found = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const { digits, nesting } = curricula[name](aim, done, random);
    const key = `${digits}.${nesting}`;
    found.set(key, (found.get(key) ?? 0) + 1);
  }
  return found;
}

const all = ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2"];

describe("curricula", () => {
  test("none: the target from the first to the last", () => {
    for (const done of [0, 0.5, 1]) expect([...counts("none", done)]).toEqual([["3.2", 6000]]);
  });

  test("naive: numbers grow, then the nesting does and they begin anew; after a quarter of the training it is the target", () => {
    const steps = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 1].map((done) => [...counts("naive", done).keys()].join());
    expect(steps).toEqual(["1.1", "2.1", "3.1", "1.2", "2.2", "3.2", "3.2"]);
  });

  test("naive: where there is nothing to rise to, it is the target", () => {
    expect([...counts("naive", 0, { digits: 1, nesting: 1 }).keys()]).toEqual(["1.1"]);
  });

  test("mixed: every difficulty up to the target's, equally often at any time", () => {
    for (const done of [0, 1]) {
      const found = counts("mixed", done);
      expect([...found.keys()].sort()).toEqual(all);
      for (const count of found.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
    }
  });

  test("combined: half of them by naive, half by mixed", () => {
    for (const [done, step] of [
      [0, "1.1"],
      [0.15, "1.2"],
      [1, "3.2"],
    ] as const) {
      const found = counts("combined", done);
      expect([...found.keys()].sort()).toEqual(all);
      for (const [key, count] of found) expect(Math.abs(count - (key === step ? 3500 : 500))).toBeLessThan(160);
    }
  });
});
