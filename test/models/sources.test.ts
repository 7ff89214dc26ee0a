import { describe, expect, test } from "vitest";
import { Workspace } from "../../src/engine/backend/arena.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { byLength, packPairs, packRows, type Sequences, SequenceWriter } from "../../src/models/sources.js";

function sequencesOf(...rows: number[][]): Sequences {
  const writer = new SequenceWriter();
  for (const row of rows) writer.add(row);
  return writer.finish();
}

describe("packing rows", () => {
  const workspace = new Workspace(openReference().arena);
  const rows = sequencesOf([1, 2], [3, 4, 5], [6], [7, 8]);

  test("fills them up to the longest that was chosen, with their last ids, and tells their lengths", () => {
    const { values: ids, lengths } = packRows(workspace, "a", rows, [2, 1, 0]);
    expect([ids.shape, [...ids.data]]).toEqual([
      [3, 3],
      [6, 6, 6, 3, 4, 5, 1, 2, 2],
    ]);
    expect([lengths?.shape, [...(lengths?.data ?? [])]]).toEqual([[3], [1, 3, 2]]);
  });

  test("has no lengths to tell where the chosen are of one", () => {
    const { values: ids, lengths } = packRows(workspace, "b", rows, [3, 0, 3]);
    expect([ids.shape, [...ids.data], lengths]).toEqual([[3, 2], [7, 8, 1, 2, 7, 8], undefined]);
  });

  test("both sides of a pair are packed alike, each to its own width", () => {
    const targets = sequencesOf([9, 1], [9, 2, 3], [9, 4, 5, 6], [9, 7]);
    const batch = packPairs(workspace, { sources: rows, targets }, [1, 2]);
    expect([[...batch.source.data], [...(batch.sourceLengths?.data ?? [])]]).toEqual([
      [3, 4, 5, 6, 6, 6],
      [3, 1],
    ]);
    expect([[...batch.target.data], [...(batch.targetLengths?.data ?? [])]]).toEqual([
      [9, 2, 3, 3, 9, 4, 5, 6],
      [3, 4],
    ]);
  });
});

test("rows are put in order of their lengths, the longest first, and the earlier of equal ones", () => {
  const rows = sequencesOf([1, 2], [3, 4, 5], [6], [7, 8], [9, 0, 1]);
  expect([...byLength(rows, Int32Array.of(0, 1, 2, 3, 4))]).toEqual([1, 4, 0, 3, 2]);
  expect([...byLength(rows, Int32Array.of(3, 2, 0))]).toEqual([3, 0, 2]);
});
