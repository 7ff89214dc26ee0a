import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Pyramid } from "../../../src/engine/layers/pyramid.js";
import { describeBackends } from "../../helpers/backends.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";
import { lengthsOf, tensorOf } from "../../helpers/fixtures.js";

const counted = (size: number): number[] => Array.from({ length: size }, (_, i) => i + 1);

describeBackends((backend) => {
  test("concatenates pairs of steps, and the last of an odd number with zeros", () => {
    const even = new Pyramid(backend()).forward(tensorOf(backend(), { shape: [1, 4, 2], data: counted(8) }));
    expect([even.ys.shape, [...even.ys.data]]).toEqual([[1, 2, 4], counted(8)]);
    const odd = new Pyramid(backend()).forward(tensorOf(backend(), { shape: [2, 3, 1], data: counted(6) }));
    expect([odd.ys.shape, [...odd.ys.data]]).toEqual([
      [2, 2, 2],
      [1, 2, 3, 0, 4, 5, 6, 0],
    ]);
  });

  test("halves lengths, rounded up, and returns none if none are given", () => {
    const xs = backend().arena.tensor([4, 5, 1]);
    const layer = new Pyramid(backend());
    expect([...(layer.forward(xs, lengthsOf(backend(), [5, 4, 2, 1])).lengths?.data ?? [])]).toEqual([3, 2, 1, 1]);
    expect(layer.forward(xs).lengths).toBeUndefined();
  });

  test("refuses gradients of another shape", () => {
    const layer = new Pyramid(backend());
    layer.forward(backend().arena.tensor([2, 5, 3]));
    expect(() => layer.backward(backend().arena.tensor([2, 5, 3]))).toThrow(
      "Pyramid.backward: dys: expected shape (2, 3, 6), got (2, 5, 3).",
    );
  });
});

test.each([4, 5])("of %i steps: the gradient is that of central differences", (T) => {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const xs = fill(desk, backend.arena.tensor([2, T, 3]));
  const dys = fill(desk, backend.arena.tensor([2, Math.ceil(T / 2), 6]));
  const layer = new Pyramid(backend);
  const loss = (): number => dot(layer.forward(xs).ys, dys);
  loss();
  expectSlopes("xs", loss, xs, layer.backward(dys).data);
});
