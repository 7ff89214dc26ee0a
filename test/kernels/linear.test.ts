import { expect, test } from "vitest";
import { describeBackendsAndBF16 } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { Desk, draw } from "../helpers/desk.js";
import { copies, describeKernel, type KernelCase, type Results } from "../helpers/kernel-cases.js";
import {
  type LinearSizes,
  linearSizes,
  nameOf,
  runLinearBackward,
  runLinearForward,
  sumOf,
} from "../helpers/linear-case.js";
import * as onceDrawn from "../helpers/once-drawn.js";

// A tile has 1 to 6 rows and 1 to 4 vectors of 4, 8 or 16 floats; a depth block has 256 products.
const shapes: readonly LinearSizes[] = [
  linearSizes(1, 1, 1, 0, 1),
  linearSizes(2, 1, 3, 0, 7),
  linearSizes(5, 1, 7, 0, 16),
  linearSizes(6, 1, 16, 0, 17),
  linearSizes(7, 1, 17, 0, 31),
  linearSizes(13, 1, 64, 0, 33),
  linearSizes(3, 4, 65, 0, 64),
  linearSizes(2, 4, 5, 0, 65),
  linearSizes(1, 4, 100, 0, 100),
  linearSizes(2, 3, 6, 0, 129),
  linearSizes(1, 1, 1, 1, 1),
  linearSizes(2, 3, 5, 7, 11),
  linearSizes(5, 1, 16, 1, 13),
  linearSizes(6, 4, 1, 17, 33),
  linearSizes(7, 2, 33, 64, 48),
  linearSizes(13, 4, 3, 100, 2),
  // More than one depth block: of D and C forward; of N·T and O on the way back.
  linearSizes(2, 1, 300, 257, 5),
  linearSizes(120, 5, 5, 0, 7),
  linearSizes(300, 2, 3, 4, 6),
  linearSizes(2, 2, 9, 8, 513),
  linearSizes(1, 1, 256, 256, 256),
  linearSizes(1, 1, 650, 0, 13),
  // More rows and columns than are made ready together: 96 and 704.
  linearSizes(97, 1, 2, 0, 705),
];

const cases = shapes.flatMap((shape): KernelCase[] => {
  const { N, T, D, C, O } = shape;
  // dcontext sums over T and O, the context's weight over T and N.
  // In bfloat16 the one factor that is computed is a sum over T, of which the context's gradients are made.
  const flips = (result: string): number => (T > 1 && C > 0 && /dweight|dcontext/.test(result) ? T * 2 ** -8 : 0);
  const backwardTolerance = (result: string) => sumOf(result === "dxs" ? O : result === "dcontext" ? T * O : N * T);
  return [
    {
      name: `forward, ${nameOf(shape)}`,
      run: (desk) => runLinearForward(desk, shape, true),
      tolerance: () => sumOf(C + D),
    },
    {
      name: `backward, ${nameOf(shape)}`,
      run: (desk) => runLinearBackward(desk, shape, "all"),
      tolerance: backwardTolerance,
      bf16Tolerance: (result) => ({
        ...backwardTolerance(result),
        absolute: backwardTolerance(result).absolute + flips(result),
      }),
    },
  ];
});

describeKernel([
  ...cases,
  {
    name: "forward, a row of 100 for 10,000 words",
    run: (desk) => onceDrawn.linearForward(desk, [1, 1, 100, 0, 10_000]),
    tolerance: () => sumOf(100),
    bf16Tolerance: () => sumOf(100),
  },
  {
    name: "backward, two rows of 16 from 10,000 words",
    run: (desk) => onceDrawn.linearBackward(desk, [2, 1, 16, 0, 10_000]),
    tolerance: (result) => sumOf(result === "dxs" ? 10_000 : 2),
    bf16Tolerance: (result) => sumOf(result === "dxs" ? 10_000 : 2),
  },
  {
    name: "forward without a bias",
    run: (desk) => runLinearForward(desk, linearSizes(2, 3, 5, 7, 11), false),
    tolerance: () => sumOf(12),
  },
  {
    name: "backward without the gradients of the input and the bias",
    run: (desk) => runLinearBackward(desk, linearSizes(2, 3, 5, 7, 11), "parameters"),
    tolerance: () => sumOf(6),
  },
]);

describeBackendsAndBF16((backend) => {
  test("linear: a row alone gives the same bits as within a batch", () => {
    const [N, T, D, C, O] = [13, 2, 67, 9, 70];
    const desk = new Desk(backend(), 2);
    const { kernels } = backend();
    const [xs, context, dys] = [draw(desk.random, N * T * D), draw(desk.random, N * C), draw(desk.random, N * T * O)];
    const [weight, bias, dweight] = [desk.uniform([O, C + D]), desk.uniform([O]), desk.uniform([O, C + D])];
    const run = (from: number, to: number): Results => {
      const n = to - from;
      const [ys, dxs, dcontext] = [desk.poison([n, T, O]), desk.poison([n, T, D]), desk.poison([n, C])];
      const reads = {
        xs: desk.tensor([n, T, D], xs.subarray(from * T * D, to * T * D)),
        context: desk.tensor([n, C], context.subarray(from * C, to * C)),
        dys: desk.tensor([n, T, O], dys.subarray(from * T * O, to * T * O)),
        ...{ weight, bias },
      };
      kernels.linearForward({ ys }, reads, { N: n, T, D, C, O });
      kernels.linearBackward({ dxs, dcontext, dweight }, reads, { N: n, T, D, C, O });
      return copies({ ys, dxs, dcontext });
    };
    const whole = run(0, N);
    for (let n = 0; n < N; n++) {
      for (const [name, row] of Object.entries(run(n, n + 1)))
        expectSameBits(`${name} of row ${n}`, row, whole[name]?.slice(n * row.length, (n + 1) * row.length));
    }
    desk.clear();
  });

  test("linear: gradients are added, not overwritten", () => {
    const run = (start: number): Results => {
      const desk = new Desk(backend(), 3);
      const results = runLinearBackward(desk, linearSizes(2, 3, 5, 7, 11), "all", start);
      desk.clear();
      return results;
    };
    const [from0, from9] = [run(0), run(9)];
    for (const name of ["dweight", "dbias"])
      expectClose(
        name,
        from9[name],
        from0[name]?.map((d) => d + 9),
        { absolute: 1e-5 },
      );
    for (const name of ["dxs", "dcontext"]) expectSameBits(name, from9[name], from0[name]);
  });

  test("linear: a NaN in one row stays in that row", () => {
    const desk = new Desk(backend(), 4);
    const [N, T, D, C, O] = [7, 1, 20, 0, 19];
    const xs = desk.uniform([N, T, D]);
    xs.data[3 * D + 18] = Number.NaN;
    const [ys, weight] = [desk.poison([N, T, O]), desk.uniform([O, D])];
    backend().kernels.linearForward({ ys }, { xs, weight }, { N, T, D, C, O });
    const rows = Array.from({ length: N }, (_, n) => ys.data.slice(n * O, (n + 1) * O));
    rows.forEach((row, n) => {
      expect(
        row.every((y) => Number.isNaN(y) === (n === 3)),
        `row ${n}`,
      ).toBe(true);
    });
    desk.clear();
  });
});
