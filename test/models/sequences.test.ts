import { expect, test } from "vitest";
import { Random } from "../../src/engine/random.js";
import { SequenceWriter } from "../../src/models/sources.js";

test("sequences come back as they were written, whatever their lengths and however many", () => {
  const random = new Random(1);
  const rows = Array.from({ length: 1000 }, () => Array.from({ length: random.below(9) }, () => random.below(100)));
  rows[500] = Array.from({ length: 5000 }, (_, i) => i); // longer than all the room there was
  const writer = new SequenceWriter();
  for (const row of rows) writer.add(row);
  const sequences = writer.finish();
  expect(sequences.count).toBe(1000);
  expect(sequences.ids.length).toBe(rows.flat().length);
  for (const [r, row] of rows.entries()) {
    expect([...sequences.row(r)]).toEqual(row);
    expect(sequences.length(r)).toBe(row.length);
  }
});

test("what was finished is left alone by what is written after it", () => {
  const writer = new SequenceWriter();
  writer.add([1, 2]);
  const before = writer.finish();
  writer.add(Int32Array.of(3));
  expect([before.count, [...before.ids], [...before.starts]]).toEqual([1, [1, 2], [0, 2]]);
  const after = writer.finish();
  expect([[...after.row(0)], [...after.row(1)]]).toEqual([[1, 2], [3]]);
});

test("there may be none", () => {
  const none = new SequenceWriter().finish();
  expect([none.count, none.ids.length, none.starts.length]).toEqual([0, 0, 1]);
});
