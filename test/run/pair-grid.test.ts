import { describe, expect, test } from "vitest";
import type { AnsweredPair } from "../../src/run/answer-pairs.js";
import { scoreGrid } from "../../src/run/evaluate.js";

/** A question whose answer is right or not, with two tokens and the end of sequence, of which so many are right by force. */
const answered = (row: number, isRight: boolean, forced: number): AnsweredPair => ({
  ...{ row, question: "q", loss: 1, tokens: 3, forced },
  prediction: { tokens: [1, isRight ? 2 : 3], text: "g" },
  references: [{ tokens: [1, 2], text: "t" }],
});

describe("scores by group", () => {
  test("are of each group's own questions, row by row, numbers in their order", () => {
    const cells = [
      { row: "2", column: "10" },
      { row: "2", column: "9" },
      { row: "1", column: "10" },
      { row: "2", column: "9" },
    ];
    const pairs = [answered(0, true, 3), answered(1, true, 2), answered(2, false, 0), answered(3, false, 1)];
    expect(scoreGrid(pairs, { row: "nesting", column: "digits", cells })).toEqual({
      row: "nesting",
      column: "digits",
      cells: [
        { row: "1", column: "10", count: 1, exactMatch: 0, tokenAccuracy: 0 },
        { row: "2", column: "9", count: 2, exactMatch: 0.5, tokenAccuracy: 0.5 },
        { row: "2", column: "10", count: 1, exactMatch: 1, tokenAccuracy: 1 },
      ],
    });
  });

  test("are found by a question's row, where some rows have none of their own", () => {
    const cells = ["a", "b", "b"].map((column) => ({ row: "", column }));
    const grid = scoreGrid([answered(2, true, 3)], { row: "", column: "kind", cells });
    expect(grid.cells).toEqual([{ row: "", column: "b", count: 1, exactMatch: 1, tokenAccuracy: 1 }]);
  });
});
