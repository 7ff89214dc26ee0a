import { expect, test } from "vitest";
import { schedules } from "../../src/optim/schedule.js";

// From the equations: at the start, after a quarter, half and all of the training.
test.each([
  ["constant", [1, 1, 1, 1]],
  ["linear", [1, 0.75, 0.5, 0]],
  ["cosine", [1, (1 + Math.SQRT1_2) / 2, 0.5, 0]],
] as const)("%s goes from the full rate to its end", (name, expected) => {
  for (const [i, done] of [0, 0.25, 0.5, 1].entries())
    expect(schedules[name](done)).toBeCloseTo(expected[i] ?? Number.NaN, 12);
});
