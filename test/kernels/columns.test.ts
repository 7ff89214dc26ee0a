import { expect, test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { copies, describeKernel } from "../helpers/kernel-cases.js";

describeKernel(
  [
    { R: 1, O: 1, to: 0, D: 1, from: 0, columns: 1 },
    { R: 2, O: 7, to: 3, D: 5, from: 1, columns: 4 },
    { R: 5, O: 33, to: 16, D: 19, from: 0, columns: 17 },
    { R: 3, O: 4, to: 0, D: 70, from: 66, columns: 4 },
    { R: 7, O: 3, to: 2, D: 2, from: 1, columns: 0 },
  ].map((sizes) => ({
    name: Object.entries(sizes).flat().join(" "),
    run: (desk) => {
      const { R, O, D } = sizes;
      const [ys, xs] = [desk.uniform([R, O]), desk.uniform([R, D])];
      desk.call([ys], () => desk.backend.kernels.copyColumns({ ys }, { xs }, sizes));
      return copies({ ys });
    },
    tolerance: () => ({}),
  })),
);

describeBackends((backend) => {
  test("puts two matrices side by side, and takes each back", () => {
    const desk = new Desk(backend(), 1);
    const { kernels } = backend();
    const [left, right] = [desk.tensor([2, 3], [1, 2, 3, 4, 5, 6]), desk.tensor([2, 2], [-1, -2, -3, -4])];
    const [both, again] = [desk.filled([2, 6], 9), desk.poison([2, 2])];
    const [R, O] = [2, 6];
    desk.call([both], () =>
      kernels.copyColumns({ ys: both }, { xs: left }, { R, O, to: 0, D: 3, from: 0, columns: 3 }),
    );
    desk.call([both], () =>
      kernels.copyColumns({ ys: both }, { xs: right }, { R, O, to: 3, D: 2, from: 0, columns: 2 }),
    );
    expect([...both.data]).toEqual([1, 2, 3, -1, -2, 9, 4, 5, 6, -3, -4, 9]);
    const back = { R, O: 2, to: 0, D: O, from: 3, columns: 2 };
    desk.call([again], () => kernels.copyColumns({ ys: again }, { xs: both }, back));
    expectSameBits("what was on the right", again.data, right.data);
    desk.clear();
  });
});
