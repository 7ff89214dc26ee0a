import { test } from "vitest";
import { describeBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits, type Tolerance } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { copies, describeKernel, type Results } from "../helpers/kernel-cases.js";

function forward(desk: Desk, R: number, D: number, V: number): Results {
  const [ys, ids, weight] = [desk.poison([R, D]), desk.below([R], V), desk.uniform([V, D])];
  desk.call([ys], () => desk.backend.kernels.embeddingForward({ ys }, { ids, weight }, { R, D }));
  return copies({ ys });
}

/** @param start what the gradient holds before; undefined: random numbers */
function backward(desk: Desk, R: number, D: number, V: number, start?: number): Results {
  const [dys, ids] = [desk.uniform([R, D]), desk.below([R], V)];
  const dweight = start === undefined ? desk.uniform([V, D]) : desk.filled([V, D], start);
  desk.call([dweight], () => desk.backend.kernels.embeddingBackward({ dweight }, { dys, ids }, { R, D }));
  return copies({ dweight });
}

const copied: Tolerance = {};

/** A sum of up to R numbers below 1, in float32. */
const summed = (R: number): Tolerance => ({ absolute: (R + 2) * 2 ** -24 });

const sizes = [
  [1, 1, 1],
  [2, 7, 1],
  [5, 16, 2],
  [7, 17, 13],
  [13, 33, 33],
  [28, 100, 13],
  [600, 5, 2],
] as const;

describeKernel(
  sizes.flatMap(([R, D, V]) => [
    { name: `forward, R ${R}, D ${D}, V ${V}`, run: (desk: Desk) => forward(desk, R, D, V), tolerance: () => copied },
    {
      name: `backward, R ${R}, D ${D}, V ${V}`,
      run: (desk: Desk) => backward(desk, R, D, V),
      tolerance: () => summed(R),
    },
  ]),
);

describeBackends((backend) => {
  test("embedding: gradients are added, not overwritten", () => {
    const [from0, from9] = [0, 9].map((start) => {
      const desk = new Desk(backend(), 1);
      const results = backward(desk, 13, 5, 7, start);
      desk.clear();
      return results["dweight"];
    });
    expectClose(
      "dweight",
      from9,
      from0?.map((d) => d + 9),
      { absolute: 1e-5 },
    );
  });

  test("embedding: a word that does not occur keeps the bits of its gradient", () => {
    const desk = new Desk(backend(), 1);
    const [dys, ids, dweight] = [desk.uniform([2, 17]), desk.ints([2], [0, 2]), desk.uniform([3, 17])];
    const before = dweight.data.slice(17, 34);
    backend().kernels.embeddingBackward({ dweight }, { dys, ids }, { R: 2, D: 17 });
    expectSameBits("dweight[1]", dweight.data.slice(17, 34), before);
    desk.clear();
  });
});
