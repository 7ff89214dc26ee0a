import { expect, test } from "vitest";
import { copyColumns } from "../../../src/engine/layers/layer.js";
import { describeBackends } from "../../helpers/backends.js";
import { tensorOf } from "../../helpers/fixtures.js";

const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

describeBackends((backend) => {
  test("concatenates two matrices, and splits them again", () => {
    const left = tensorOf(backend(), { shape: [2, 3, 2], data: count(12) });
    const right = tensorOf(backend(), { shape: [2, 3, 1], data: [20, 30, 40, 50, 60, 70] });
    const both = backend().arena.tensor([2, 3, 3]);
    copyColumns(backend(), { tensor: both }, { tensor: left }, 2);
    copyColumns(backend(), { tensor: both, from: 2 }, { tensor: right }, 1);
    expect([...both.data]).toEqual([1, 2, 20, 3, 4, 30, 5, 6, 40, 7, 8, 50, 9, 10, 60, 11, 12, 70]);
    const [one, two] = [backend().arena.tensor(left.shape), backend().arena.tensor(right.shape)];
    copyColumns(backend(), { tensor: one }, { tensor: both }, 2);
    copyColumns(backend(), { tensor: two }, { tensor: both, from: 2 }, 1);
    expect([...one.data]).toEqual([...left.data]);
    expect([...two.data]).toEqual([...right.data]);
  });

  test("copies one step of a sequence, and leaves the others alone", () => {
    const [N, T, D] = [2, 3, 2];
    const steps = tensorOf(backend(), { shape: [N, T * D], data: count(12) });
    const step = backend().arena.tensor([N, 1, D]);
    copyColumns(backend(), { tensor: step }, { tensor: steps, from: 2 }, D);
    expect([...step.data]).toEqual([3, 4, 9, 10]);
    const back = backend().arena.tensor([N, T * D]);
    copyColumns(backend(), { tensor: back, from: 2 }, { tensor: step }, D);
    expect([...back.data]).toEqual([0, 0, 3, 4, 0, 0, 0, 0, 9, 10, 0, 0]);
  });
});
