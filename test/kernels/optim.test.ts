import { expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { copies, describeKernel, type Results } from "../helpers/kernel-cases.js";

function accumulate(desk: Desk, R: number): Results {
  const [ys, xs] = [desk.uniform([R]), desk.uniform([R])];
  desk.call([ys], () => desk.backend.kernels.accumulate({ ys }, { xs }, { R }));
  return copies({ ys });
}

function sumOfSquares(desk: Desk, R: number): Results {
  const xs = desk.uniform([R]);
  return { sum: Float64Array.of(desk.call([], () => desk.backend.kernels.sumOfSquares({}, { xs }, { R, D: 1 }))) };
}

function sgd(desk: Desk, R: number): Results {
  const [value, grad] = [desk.uniform([R]), desk.uniform([R])];
  desk.call([value, grad], () => desk.backend.kernels.sgd({ value, grad }, {}, { rate: 0.1, scale: 0.5, R, D: 1 }));
  return copies({ value, grad });
}

/** Of 5 rows of 7 or 20, in both kernels. */
function listedRows(desk: Desk, D: number): Results {
  const [value, grad] = [desk.uniform([9, D]), desk.uniform([9, D])];
  const ids = desk.ints([5], [0, 2, 3, 7, 8]);
  const { kernels } = desk.backend;
  const sum = Float64Array.of(desk.call([], () => kernels.sumOfSquares({}, { xs: grad, ids }, { R: 5, D })));
  desk.call([value, grad], () => kernels.sgd({ value, grad }, { ids }, { rate: 0.1, scale: 0.5, R: 5, D }));
  return { sum, ...copies({ value, grad }) };
}

/** Three steps, so that the moments matter. */
function adam(desk: Desk, R: number): Results {
  const [value, m, v] = [desk.uniform([R]), desk.filled([R], 0), desk.filled([R], 0)];
  for (let step = 1; step <= 3; step++) {
    const grad = desk.uniform([R]);
    const bias = { bias1: 1 - 0.9 ** step, bias2: 1 - 0.999 ** step };
    const sizes = { rate: 0.01, scale: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, ...bias, R };
    desk.call([value, m, v, grad], () => desk.backend.kernels.adam({ value, m, v, grad }, {}, sizes));
  }
  return copies({ value, m, v });
}

const counts = [1, 2, 7, 15, 16, 17, 33, 64, 100, 1023, 1024, 1025, 5000];

const kernels = [
  // One rounding, as in the reference.
  { name: "accumulate", run: accumulate, tolerance: () => ({}) },
  // 64 squares are added up in a float32 lane.
  { name: "sum_of_squares", run: sumOfSquares, tolerance: () => ({ relative: 8 * 2 ** -24 }) },
  // The step and the difference, up to 1.05, are rounded.
  { name: "sgd", run: sgd, tolerance: () => ({ absolute: 2 ** -22 }) },
  {
    name: "adam",
    run: adam,
    // β₂ in float32 makes 1 − β₂, and so v, 1.3e-5 too small; a step, about the rate, is then 6.5e-6 too large. The
    // value, near 1, is rounded three times.
    tolerance: (result: string) => (result === "v" ? { relative: 3e-5 } : { absolute: 3 * (2 ** -24 + 0.01 * 1e-5) }),
  },
];

describeKernel(
  [7, 20].map((D) => ({
    name: `listed rows of ${D}`,
    run: (desk: Desk) => listedRows(desk, D),
    tolerance: (result: string) => (result === "sum" ? { relative: 8 * 2 ** -24 } : { absolute: 2 ** -22 }),
  })),
);

describeKernel(
  counts.flatMap((R) =>
    kernels.map(({ name, run, tolerance }) => ({
      name: `${name} of ${R}`,
      run: (desk: Desk) => run(desk, R),
      tolerance,
    })),
  ),
);

function sumOf(backend: Backend, xs: readonly number[]): number {
  const desk = new Desk(backend, 1);
  const sum = backend.kernels.sumOfSquares({}, { xs: desk.tensor([xs.length], xs) }, { R: xs.length, D: 1 });
  desk.clear();
  return sum;
}

describeBackends((backend) => {
  test("sum_of_squares counts every element once", () => {
    for (const R of [1, 16, 17, 1024, 1040, 2051])
      for (const at of [0, 15, 16, R - 1].filter((i) => i < R)) {
        const xs = Array.from({ length: R }, (_, i) => (i === at ? 3 : 0));
        expect(sumOf(backend(), xs), `element ${at} of ${R}`).toBe(9);
      }
  });

  test("sum_of_squares of many elements keeps its precision", () => {
    const sum = sumOf(
      backend(),
      Array.from({ length: 300_000 }, () => 0.1),
    );
    expectClose("sum", [sum], [300_000 * Math.fround(0.1) ** 2], { relative: 1e-6 });
  });

  test("sum_of_squares of a NaN is NaN", () => {
    for (const at of [0, 17, 20]) {
      const xs = Array.from({ length: 21 }, (_, i) => (i === at ? Number.NaN : 1));
      expect(sumOf(backend(), xs)).toBeNaN();
    }
  });

  test("adam leaves an element alone whose gradient was never other than 0", () => {
    const desk = new Desk(backend(), 1);
    const [value, m, v, grad] = [desk.filled([5], 0.5), desk.filled([5], 0), desk.filled([5], 0), desk.filled([5], 0)];
    const sizes = { rate: 0.1, scale: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, bias1: 0.1, bias2: 0.001, R: 5 };
    backend().kernels.adam({ value, m, v, grad }, {}, sizes);
    expect([...value.data]).toEqual([0.5, 0.5, 0.5, 0.5, 0.5]);
    desk.clear();
  });
});
