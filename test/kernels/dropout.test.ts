import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { philox } from "../../src/engine/random.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk, draw } from "../helpers/desk.js";
import { copies, describeKernel } from "../helpers/kernel-cases.js";

interface Mask {
  readonly rate: number;
  readonly seed: number;
  readonly stream: number;
  readonly step: number;
}

const mask: Mask = { rate: 0.3, seed: 1, stream: 2, step: 3 };

function dropout(backend: Backend, xs: ArrayLike<number>, given: Mask): Float32Array {
  const desk = new Desk(backend, 1);
  const R = xs.length;
  const [ys, from] = [desk.poison([R]), desk.tensor([R], Array.from(xs))];
  desk.call([ys], () => backend.kernels.dropout({ ys }, { xs: from }, { ...given, R }));
  const result = ys.data.slice();
  desk.clear();
  return result;
}

/** 0 and 1: which of R elements are kept. */
const kept = (backend: Backend, R: number, given: Mask): number[] =>
  [...dropout(backend, new Float32Array(R).fill(1), given)].map((y) => (y === 0 ? 0 : 1));

const masks: readonly (readonly [string, Mask])[] = [
  ["rate 0.3", mask],
  ["rate 0", { ...mask, rate: 0 }],
  ["rate 0.999", { ...mask, rate: 0.999 }],
  ["the largest seed, stream and step", { rate: 0.5, seed: 2 ** 32 - 1, stream: 2 ** 32 - 1, step: 2 ** 32 - 1 }],
];

describeKernel(
  masks.flatMap(([name, given]) =>
    [1, 3, 4, 7, 64, 1001].map((R) => ({
      name: `dropout of ${R}, ${name}`,
      run: (desk) => {
        const [xs, ys] = [desk.uniform([R]), desk.poison([R])];
        desk.call([ys], () => desk.backend.kernels.dropout({ ys }, { xs }, { ...given, R }));
        return { ...copies({ ys }), zeros: Int32Array.from(ys.data, (y) => Number(y === 0)) };
      },
      // The factor 1 / (1 − rate) is rounded, 1 − rate too, and the product: 3·2⁻²⁴, and more where 1 − rate cancels.
      tolerance: (result) =>
        result === "zeros" ? {} : { relative: 4 * 2 ** -24 * (1 + given.rate / (1 - given.rate)) },
    })),
  ),
);

describeBackends((backend) => {
  test("dropout zeroes a share of the elements near the rate", () => {
    const R = 40_000;
    for (const rate of [0.1, 0.5, 0.8]) {
      const zeros = R - kept(backend(), R, { ...mask, rate }).reduce((sum, k) => sum + k, 0);
      // Five standard deviations of a binomial.
      expect(Math.abs(zeros - rate * R), `rate ${rate}`).toBeLessThan(5 * Math.sqrt(R * rate * (1 - rate)));
    }
  });

  test("dropout divides what it keeps by 1 − rate, so that the mean stays", () => {
    const ys = dropout(backend(), new Float32Array(16).fill(3), { ...mask, rate: 0.25 });
    expect(new Set(ys)).toEqual(new Set([0, 4]));
  });

  test("another seed, stream or step makes another, unrelated mask", () => {
    const R = 10_000;
    const masks = [{}, { seed: 2 }, { stream: 1 }, { step: 4 }].map((change) =>
      kept(backend(), R, { ...mask, ...change }),
    );
    masks.forEach((a, i) => {
      for (const b of masks.slice(0, i)) {
        const both = a.filter((k, r) => k === 1 && b[r] === 1).length;
        // Two masks at once keep 0.7² of the elements; five standard deviations.
        expect(Math.abs(both - 0.49 * R)).toBeLessThan(5 * Math.sqrt(R * 0.49 * 0.51));
      }
    });
  });

  test("the mask of an element does not depend on how many there are", () => {
    const long = kept(backend(), 67, mask);
    for (const R of [1, 4, 6, 33]) expect(kept(backend(), R, mask)).toEqual(long.slice(0, R));
  });

  test("the same call on the gradient uses the same mask, and may work in place", () => {
    const desk = new Desk(backend(), 1);
    const xs = draw(desk.random, 999);
    const ys = dropout(backend(), xs, mask);
    const zeros = dropout(backend(), new Float32Array(999).fill(7), mask).map((y) => Number(y === 0));
    expectSameBits(
      "mask",
      zeros,
      ys.map((y) => Number(y === 0)),
    );
    const place = desk.tensor([999], xs);
    desk.call([place], () => backend().kernels.dropout({ ys: place }, { xs: place }, { ...mask, R: 999 }));
    expectSameBits("in place", place.data, ys);
    desk.clear();
  });

  test("a NaN that is kept stays NaN", () => {
    const ys = dropout(backend(), new Float32Array(64).fill(Number.NaN), mask);
    expect(ys.filter(Number.isNaN)).toHaveLength(kept(backend(), 64, mask).filter(Boolean).length);
  });

  // A rate that is k·2⁻²⁴ drops an element if the upper 24 bits of its word are below k: two rates pin them down.
  describe("the generator in C is the one in TypeScript", () => {
    test.each([
      [1, 2, 3],
      [0, 0, 0],
      [2 ** 32 - 1, 2 ** 31, 2 ** 32 - 2],
    ])("seed %i, stream %i, step %i", (seed, stream, step) => {
      for (let element = 0; element < 40; element++) {
        const words = philox([Math.floor(element / 4), step, 0, 0], seed, stream);
        const upper = (words[element % 4] ?? 0) >>> 8;
        const keptAt = (k: number) => kept(backend(), element + 1, { rate: k / 2 ** 24, seed, stream, step }).at(-1);
        expect([keptAt(upper), keptAt(upper + 1)], `element ${element}`).toEqual([1, 0]);
      }
    });
  });
});
