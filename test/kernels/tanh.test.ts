import { expect, test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { copies, describeKernel } from "../helpers/kernel-cases.js";

describeKernel(
  [1, 2, 3, 4, 15, 16, 17, 1001].flatMap((R) =>
    [false, true].map((inPlace) => ({
      name: `tanh of ${R}${inPlace ? ", in place" : ""}`,
      run: (desk: Desk) => {
        const { kernels } = desk.backend;
        const [xs, dys] = [desk.uniform([R], 6), desk.uniform([R])];
        const [ys, dxs] = inPlace ? [xs, dys] : [desk.poison([R]), desk.poison([R])];
        desk.call([ys], () => kernels.tanhForward({ ys }, { xs }, { R }));
        const given = copies({ ys });
        desk.call([dxs], () => kernels.tanhBackward({ dxs }, { dys, ys }, { R }));
        return { ...given, ...copies({ dxs }) };
      },
      // vecmath.h promises 4e-7 of the value; in 1 − y² that is twice as much, of at most 1.
      tolerance: (result: string) => (result === "ys" ? { relative: 4e-7 } : { absolute: 9e-7 }),
    })),
  ),
);

describeBackends((backend) => {
  test("tanh of great numbers is ±1, of the smallest themselves, and NaN stays NaN", () => {
    const desk = new Desk(backend(), 1);
    const xs = desk.tensor([7], [-Infinity, -100, -1e-30, 0, 1e-30, Infinity, Number.NaN]);
    const ys = desk.poison([7]);
    desk.call([ys], () => backend().kernels.tanhForward({ ys }, { xs }, { R: 7 }));
    expect([...ys.data]).toEqual([-1, -1, Math.fround(-1e-30), 0, Math.fround(1e-30), 1, Number.NaN]);
    desk.clear();
  });

  test("the gradient of tanh is its slope", () => {
    const desk = new Desk(backend(), 1);
    // tanh ln 2 = (2 − ½) / (2 + ½) = 0.6, and its slope 1 − 0.36.
    const [xs, dys] = [desk.tensor([2], [0, Math.LN2]), desk.tensor([2], [3, -2])];
    const [ys, dxs] = [desk.poison([2]), desk.poison([2])];
    desk.call([ys], () => backend().kernels.tanhForward({ ys }, { xs }, { R: 2 }));
    desk.call([dxs], () => backend().kernels.tanhBackward({ dxs }, { dys, ys }, { R: 2 }));
    expectClose("ys", ys.data, [0, 0.6], { relative: 5e-7 });
    expectClose("dxs", dxs.data, [3, -1.28], { relative: 1e-6 });
    desk.clear();
  });
});
