import { expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { FrameFormat } from "../../../src/tasks/sounds/frames.js";
import { expectError } from "../../helpers/errors.js";

const matrix = (width: number, ...values: number[]) => ({ width, values: Float32Array.from(values) });

test("columns are brought to mean 0 and deviation 1 over all frames of all files", () => {
  const [a, b] = [matrix(2, 1, 100, 3, 300), matrix(2, 5, 200, 7, 200)];
  const format = FrameFormat.of([a, b], { isSound: false, stack: 1 });
  const { mean, deviation } = format.toJSON();
  expect(mean).toEqual([4, 200]);
  expect(deviation.map((x) => x ** 2)).toEqual([expect.closeTo(5), expect.closeTo(5000)]);
  const [x, y] = [1 / Math.sqrt(5), 1 / Math.sqrt(5000)];
  const expected = [-3 * x, -100 * y, -x, 100 * y].map((value) => expect.closeTo(value, 6));
  expect([...format.encode("a", a)]).toEqual(expected);
});

test("frames in a row are made one, and the last is repeated where they do not fill one", () => {
  const format = new FrameFormat({ isSound: true, stack: 3, mean: [0, 0], deviation: [1, 1] });
  expect([format.width, format.size]).toEqual([2, 6]);
  expect([...format.encode("a", matrix(2, 1, 2, 3, 4, 5, 6))]).toEqual([1, 2, 3, 4, 5, 6]);
  expect([...format.encode("a", matrix(2, 1, 2, 3, 4, 5, 6, 7, 8))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 7, 8, 7, 8]);
});

test("a column that was always the same in training says nothing", () => {
  const same = matrix(2, 1, 0.1, 2, 0.1, 4, 0.1);
  const format = FrameFormat.of([same], { isSound: false, stack: 1 });
  expect([...format.encode("b", matrix(2, 1, 9))][1]).toBe(0);
});

test("what stands in a model file makes the same format", () => {
  const format = FrameFormat.of([matrix(3, 1, 2, 3, 4, 6, 8)], { isSound: true, stack: 2 });
  const again = new FrameFormat(JSON.parse(JSON.stringify(format)));
  expect([again.isSound, again.stack, again.size]).toEqual([true, 2, 6]);
  expect(again.encode("a", matrix(3, 5, 5, 5))).toEqual(format.encode("a", matrix(3, 5, 5, 5)));
});

test("frames of another width are refused", () => {
  const format = new FrameFormat({ isSound: false, stack: 1, mean: [0, 0], deviation: [1, 1] });
  expectError(
    DataError,
    () => format.encode("walk.npy", matrix(3, 1, 2, 3)),
    "walk.npy: expected frames of 2 numbers, as in training, got frames of 3.",
    "make them in the same way as the training data",
  );
});
