import { describe, expect, test } from "vitest";
import { editDistance, type Tokens } from "../../src/engine/edit-distance.js";
import { Random } from "../../src/engine/random.js";
import { recorded } from "../helpers/metrics.js";

describe("the edit distance", () => {
  test.each(recorded.edits)("of $a and $b is $distance, as RapidFuzz says, both ways", ({ a, b, distance }) => {
    expect([editDistance(a, b), editDistance(b, a)]).toEqual([distance, distance]);
  });

  test("is a metric: 0 only to itself, at most the longer length, and no way round is shorter", () => {
    const random = new Random(3);
    const draw = (): number[] => Array.from({ length: random.below(9) }, () => random.below(3));
    for (let round = 0; round < 500; round++) {
      const [a, b, c] = [draw(), draw(), draw()];
      const direct = editDistance(a, b);
      expect(direct === 0).toBe(a.join() === b.join());
      expect(direct).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      expect(direct).toBeLessThanOrEqual(Math.max(a.length, b.length));
      expect(direct).toBeLessThanOrEqual(editDistance(a, c) + editDistance(c, b));
    }
  });

  test("takes ids in a typed array", () => {
    const ids: Tokens = Int32Array.of(1, 2, 3);
    expect(editDistance(ids, [1, 3])).toBe(1);
  });
});
