import { expect, test } from "vitest";
import { explained } from "../../studio/worker/digits.js";

test("a label explains the share of the variance that lies between the means", () => {
  expect(explained([0, 2, 1, 3], [0, 0, 1, 1])).toBeCloseTo(0.2, 12); // 5 in all, 2·½² + 2·½² between
  expect(explained([-1, 4, -1, 4], [7, 3, 7, 3])).toBeCloseTo(1, 12);
  expect(explained([0, 1, 0, 1], [0, 0, 1, 1])).toBeCloseTo(0, 12);
});

test("nothing is explained of a value that never changes", () => {
  expect(explained([0.5, 0.5, 0.5], [0, 1, 2])).toBe(0);
});
