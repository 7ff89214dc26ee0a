import { expect, test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { Desk } from "../helpers/desk.js";
import { describeKernel } from "../helpers/kernel-cases.js";
import { type PoolSizes, runMaxPool } from "../helpers/picture-case.js";

// Vectors of 4, 8 or 16 channels; odd sizes leave a line or a column out.
const sizes: readonly PoolSizes[] = [
  [1, 2, 2, 1],
  [2, 3, 4, 5],
  [3, 4, 7, 16],
  [2, 7, 5, 17],
  [1, 6, 2, 35],
];

describeKernel(
  sizes.map((size) => ({
    name: `N, Y, X, C ${size.join(", ")}`,
    run: (desk: Desk) => runMaxPool(desk, size),
    tolerance: () => ({}), // nothing is computed
  })),
);

describeBackends((backend) => {
  test("the first maximum gets the gradient, and an ignored border gets none", () => {
    const desk = new Desk(backend(), 1);
    const { kernels } = backend();
    const sizes = { N: 1, Y: 3, X: 5, C: 1 };
    const xs = desk.tensor([1, 3, 5, 1], [...[1, 2, -3, -3, 9], ...[2, 1, -4, -3, 9], ...[9, 9, 9, 9, 9]]);
    const [ys, dxs] = [desk.poison([1, 1, 2, 1]), desk.poison([1, 3, 5, 1])];
    desk.call([ys], () => kernels.maxPoolForward({ ys }, { xs }, sizes));
    expect([...ys.data]).toEqual([2, -3]);
    desk.call([dxs], () => kernels.maxPoolBackward({ dxs }, { dys: desk.tensor([1, 1, 2, 1], [7, 8]), xs }, sizes));
    expect([...dxs.data]).toEqual([...[0, 7, 8, 0, 0], ...[0, 0, 0, 0, 0], ...[0, 0, 0, 0, 0]]);
    desk.clear();
  });
});
