import { expect, test } from "vitest";
import { describeBackends, describeBackendsAndBF16 } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { Desk, draw } from "../helpers/desk.js";
import { copies, describeKernel, type KernelCase, type Results } from "../helpers/kernel-cases.js";
import { sumOf } from "../helpers/linear-case.js";
import {
  nameOf,
  type PictureSizes,
  pictureSizes,
  runConv2dBackward,
  runConv2dForward,
} from "../helpers/picture-case.js";

// Pictures of 2,048 places are framed together; a depth block of a product has 256 terms.
const shapes: readonly PictureSizes[] = [
  pictureSizes(1, 1, 1, 1, 1, 1),
  pictureSizes(1, 1, 1, 1, 1, 3),
  pictureSizes(2, 4, 5, 3, 7, 3),
  pictureSizes(3, 5, 4, 7, 2, 5),
  pictureSizes(2, 1, 9, 3, 5, 3),
  pictureSizes(2, 9, 1, 2, 17, 3),
  pictureSizes(5, 3, 2, 16, 33, 1),
  pictureSizes(2, 6, 7, 65, 16, 3),
  pictureSizes(1, 2, 2, 1, 3, 7), // a window larger than the picture
  // More than one frameful: of 51 small pictures, and of one large.
  pictureSizes(53, 8, 5, 3, 9, 3),
  pictureSizes(2, 50, 49, 2, 3, 3),
  // More than one depth block, of a window's line and, on the way back, of the outputs.
  pictureSizes(1, 3, 4, 90, 100, 3),
];

const cases = shapes.flatMap((shape): KernelCase[] => {
  const { N, Y, X, C, O, K } = shape;
  const backward = (result: string) => sumOf(result === "dxs" ? O * K * K : N * Y * X);
  const scratch = 2 ** 22;
  return [
    {
      ...{ name: `forward, ${nameOf(shape)}`, scratch },
      run: (desk) => runConv2dForward(desk, shape),
      tolerance: () => sumOf(C * K * K),
      bf16Tolerance: () => sumOf(C * K * K),
    },
    {
      ...{ name: `backward, ${nameOf(shape)}`, scratch },
      run: (desk) => runConv2dBackward(desk, shape),
      tolerance: backward,
      bf16Tolerance: backward,
    },
  ];
});

describeKernel([
  ...cases,
  {
    name: "backward without the gradient of the pictures",
    run: (desk) => runConv2dBackward(desk, pictureSizes(2, 4, 5, 3, 7, 3), false),
    tolerance: () => sumOf(40),
  },
]);

describeBackends((backend) => {
  test("a window that sees one place moves the picture, and zeros come in from outside", () => {
    const desk = new Desk(backend(), 1);
    const [xs, ys] = [desk.tensor([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]), desk.poison([1, 2, 3, 1])];
    const weight = desk.tensor([1, 1, 3, 3], [0, 0, 10, 0, 0, 0, 0, 0, 0]); // the place above to the right
    const reads = { xs, weight, bias: desk.tensor([1], [0.5]) };
    desk.call([ys], () => backend().kernels.conv2dForward({ ys }, reads, { N: 1, Y: 2, X: 3, C: 1, O: 1, K: 3 }));
    expect([...ys.data]).toEqual([0.5, 0.5, 0.5, 20.5, 30.5, 0.5]);
    desk.clear();
  });
});

describeBackendsAndBF16((backend) => {
  test("a picture alone gives the same bits as within a batch", () => {
    const [N, Y, X, C, O, K] = [29, 9, 8, 5, 19, 3]; // 28 are framed together
    const desk = new Desk(backend(), 2);
    const [xs, dys] = [draw(desk.random, N * Y * X * C), draw(desk.random, N * Y * X * O)];
    const [weight, bias] = [desk.uniform([O, C, K, K]), desk.uniform([O])];
    const [dweight, dbias] = [desk.uniform([O, C, K, K]), desk.uniform([O])];
    const run = (from: number, to: number): Results => {
      const sizes = { N: to - from, Y, X, C, O, K };
      const [ys, dxs] = [desk.poison([to - from, Y, X, O]), desk.poison([to - from, Y, X, C])];
      const part = (all: Float32Array, width: number) =>
        desk.tensor([to - from, Y, X, width], all.subarray(from * Y * X * width, to * Y * X * width));
      const reads = { xs: part(xs, C), dys: part(dys, O), weight, bias };
      backend().kernels.conv2dForward({ ys }, reads, sizes);
      backend().kernels.conv2dBackward({ dxs, dweight, dbias }, reads, sizes);
      return copies({ ys, dxs });
    };
    const whole = run(0, N);
    for (const n of [0, 1, 17, 27, 28])
      for (const [name, one] of Object.entries(run(n, n + 1)))
        expectSameBits(`${name} of picture ${n}`, one, whole[name]?.slice(n * one.length, (n + 1) * one.length));
    desk.clear();
  });

  test("gradients are added, not overwritten", () => {
    const run = (start: number): Results => {
      const desk = new Desk(backend(), 3);
      const draws = (shape: number[]) => desk.uniform(shape);
      const sizes = pictureSizes(2, 4, 5, 3, 7, 3);
      const results = runConv2dBackward(desk, sizes, true, draws, (shape) => desk.filled(shape, start));
      desk.clear();
      return results;
    };
    const [from0, from9] = [run(0), run(9)];
    for (const name of ["dweight", "dbias"])
      expectClose(
        name,
        from9[name],
        from0[name]?.map((d) => d + 9),
        { absolute: 3e-5 }, // sums of 40 products, rounded as numbers up to 30
      );
    expectSameBits("dxs", from9["dxs"], from0["dxs"]);
  });

  test("a NaN stays in its picture, and in the windows that see it", () => {
    const desk = new Desk(backend(), 4);
    const [N, Y, X, C, O, K] = [3, 5, 6, 2, 4, 3];
    const xs = desk.uniform([N, Y, X, C]);
    xs.data[(Y * X + 2 * X + 3) * C + 1] = Number.NaN; // in picture 1, at line 2, column 3
    const [ys, weight, bias] = [desk.poison([N, Y, X, O]), desk.uniform([O, C, K, K]), desk.uniform([O])];
    backend().kernels.conv2dForward({ ys }, { xs, weight, bias }, { N, Y, X, C, O, K });
    const wrong = [...ys.data.entries()].flatMap(([i, y]) => (Number.isNaN(y) && i % O === 0 ? [i / O] : []));
    const seen = [1, 2, 3].flatMap((y) => [2, 3, 4].map((x) => Y * X + y * X + x));
    expect(wrong).toEqual(seen);
    desk.clear();
  });
});
