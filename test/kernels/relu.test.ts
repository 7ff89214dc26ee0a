import { expect, test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { Desk } from "../helpers/desk.js";
import { copies, describeKernel } from "../helpers/kernel-cases.js";

describeKernel(
  [1, 2, 3, 4, 15, 16, 17, 1001].flatMap((R) =>
    [false, true].map((inPlace) => ({
      name: `ReLU of ${R}${inPlace ? ", in place" : ""}`,
      run: (desk: Desk) => {
        const { kernels } = desk.backend;
        const [xs, dys] = [desk.uniform([R]), desk.uniform([R])];
        const [ys, dxs] = inPlace ? [xs, dys] : [desk.poison([R]), desk.poison([R])];
        desk.call([ys], () => kernels.reluForward({ ys }, { xs }, { R }));
        const given = copies({ ys });
        desk.call([dxs], () => kernels.reluBackward({ dxs }, { dys, ys }, { R }));
        return { ...given, ...copies({ dxs }) };
      },
      tolerance: () => ({}), // nothing is computed
    })),
  ),
);

describeBackends((backend) => {
  test("what is above 0 stays, and so does NaN: a model that diverged must not look healthy", () => {
    const desk = new Desk(backend(), 1);
    const { kernels } = backend();
    const xs = desk.tensor([6], [-Infinity, -1e-30, 0, 1e-30, Infinity, Number.NaN]);
    const [ys, dxs] = [desk.poison([6]), desk.poison([6])];
    desk.call([ys], () => kernels.reluForward({ ys }, { xs }, { R: 6 }));
    expect([...ys.data]).toEqual([0, 0, 0, Math.fround(1e-30), Infinity, Number.NaN]);
    const dys = desk.tensor([6], [1, 2, 3, 4, 5, 6]);
    desk.call([dxs], () => kernels.reluBackward({ dxs }, { dys, ys }, { R: 6 }));
    expect([...dxs.data]).toEqual([0, 0, 0, 4, 5, 0]);
    desk.clear();
  });
});
