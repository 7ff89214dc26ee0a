import { describe, expect, test } from "vitest";
import { editDistance, type Tokens } from "../../src/engine/edit-distance.js";
import { Random } from "../../src/engine/random.js";
import { scoreCorpus } from "../../src/metrics/measure.js";
import { errorRate } from "../../src/metrics/measures.js";
import { recorded } from "../helpers/metrics.js";

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
const rate = (hypotheses: string[], references: string[][]): number =>
  scoreCorpus(
    errorRate,
    hypotheses.map(words),
    references.map((own) => own.map(words)),
  );

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

describe("the error rate", () => {
  test("is all edits over all tokens of the references, not the mean of rates", () => {
    // one replaced of 2, one inserted and one deleted of 6
    expect(rate(["a x", "b b c d e f"], [["a b"], ["b c d e f g"]])).toBe(3 / 8);
  });

  test("can be above 1", () => {
    expect(rate(["a b c"], [["x"]])).toBe(3);
  });

  test("takes the nearest reference, and of two as near the longest, in any order", () => {
    expect(errorRate.statistics(words("a b c"), [words("a b x"), words("a b c d"), words("q")])).toEqual([1, 4]);
    expect(errorRate.statistics(words("a b c"), [words("a b c d"), words("q"), words("a b x")])).toEqual([1, 4]);
    expect(errorRate.statistics(words("a"), [words("x y z"), words("b")])).toEqual([1, 1]);
  });

  test("is 0 for nothing, and 1 for anything where nothing was to be said", () => {
    expect(rate([""], [[""]])).toBe(0);
    expect(rate(["a b c"], [[""]])).toBe(1);
    expect(rate([""], [["a b"]])).toBe(1);
    expect(rate(["", "a"], [[""], ["a"]])).toBe(0);
  });
});
