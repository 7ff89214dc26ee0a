import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { readSmoothing } from "../helpers/fixtures.js";
import { copies, describeKernel, type KernelCase, type Results } from "../helpers/kernel-cases.js";

interface Given {
  readonly weighted?: boolean;
  readonly inPlace?: boolean;
  readonly smoothing?: number;
  /** The logits lie in ±spread. */
  readonly spread?: number;
}

/** The losses, their gradient and the greatest logits of R rows. */
function run(desk: Desk, R: number, V: number, given: Given): Results {
  const { weighted = false, inPlace = false, smoothing = 0, spread = 5 } = given;
  const { kernels } = desk.backend;
  const [logits, targets] = [desk.uniform([R, V], spread), desk.below([R], V)];
  const weights = weighted
    ? desk.tensor(
        [R],
        Array.from({ length: R }, (_, r) => [0, 1, 2.5][r % 3] ?? 0),
      )
    : undefined;
  const [losses, lse, ids] = [desk.poison([R]), desk.poison([R]), desk.poisonInts([R])];
  const sizes = { smoothing, scale: Math.fround(1 / R), R, V };
  desk.call([losses, lse], () => kernels.crossEntropyForward({ losses, lse }, { logits, targets, weights }, sizes));
  desk.call([ids], () => kernels.argmax({ ids }, { logits }, { R, V }));
  const dlogits = inPlace ? logits : desk.poison([R, V]);
  desk.call([dlogits], () => kernels.crossEntropyBackward({ dlogits }, { logits, lse, targets, weights }, sizes));
  return copies({ losses, lse, ids, dlogits });
}

/**
 * lse and the losses, up to 2·spread + log V, are rounded once or twice. A share is exp(x − lse): the rounding of lse,
 * and 2.5e-7 of the approximation. Argmax compares the same floats.
 */
function toleranceOf(spread: number, R: number): KernelCase["tolerance"] {
  const ofLse = (2 * spread + 10) * 2 ** -23;
  return (result) =>
    result === "ids"
      ? {}
      : result === "dlogits"
        ? { absolute: (2.5 * (ofLse / 4 + 3e-7)) / R }
        : { absolute: 2.5 * ofLse };
}

const cases = [
  ...[1, 2, 13, 15, 16, 17, 31, 33, 64, 100].map((V) => [7, V, {}] as const),
  ...[1, 2, 33].map((V) => [5, V, { weighted: true }] as const),
  [6, 33, { inPlace: true }] as const,
  [6, 19, { inPlace: true, weighted: true }] as const,
  ...[1, 2, 15, 33, 100].map((V) => [6, V, { smoothing: 0.1, weighted: true }] as const),
  [5, 47, { smoothing: 0.25, inPlace: true }] as const,
  [3, 10_000, { smoothing: 0.1 }] as const,
  [1, 10_000, {}] as const,
  [2, 33, { spread: 100 }] as const,
];

describeKernel(
  cases.map(([R, V, given]) => ({
    name: ["cross-entropy", `R ${R}`, `V ${V}`, ...Object.entries(given).map(([key, value]) => `${key} ${value}`)].join(
      ", ",
    ),
    run: (desk) => run(desk, R, V, given),
    tolerance: toleranceOf("spread" in given ? given.spread : 5, R),
  })),
);

// A weight has the 2.5e-7 of exp, and its exponent is rounded up to 100 times as coarsely as 1; the sum is as exact.
describeKernel(
  [
    [3, 1, 1],
    [2, 7, 0.5],
    [1, 16, 1],
    [2, 33, 3],
    [1, 10_000, 0.8],
  ].map(([R = 0, V = 0, temperature = 1]) => ({
    name: `softmax, R ${R}, V ${V}, temperature ${temperature}`,
    run: (desk) => {
      const [xs, ys] = [desk.uniform([R, V], 5), desk.poison([R, V])];
      desk.call([ys], () => desk.backend.kernels.softmax({ ys }, { xs }, { temperature, R, V }));
      return copies({ ys });
    },
    tolerance: () => ({ relative: 6e-6, absolute: 1e-12 }),
  })),
);

interface Asked {
  readonly weights?: readonly number[];
  readonly smoothing?: number;
  readonly target?: number;
}

/** The losses of some rows of logits, and their gradients. */
function lossesOf(
  backend: Backend,
  rows: readonly (readonly number[])[],
  { weights, smoothing = 0, target = 0 }: Asked = {},
) {
  const desk = new Desk(backend, 1);
  const [R, V] = [rows.length, rows[0]?.length ?? 0];
  const [losses, lse, dlogits] = [desk.poison([R]), desk.poison([R]), desk.poison([R, V])];
  const reads = {
    logits: desk.tensor([R, V], rows.flat()),
    targets: desk.ints(
      [R],
      rows.map(() => target),
    ),
    weights: weights && desk.tensor([R], weights),
  };
  backend.kernels.crossEntropyForward({ losses, lse }, reads, { smoothing, R, V });
  backend.kernels.crossEntropyBackward({ dlogits }, { ...reads, lse }, { smoothing, scale: 1, R, V });
  const results = { losses: losses.data.slice(), lse: lse.data.slice(), dlogits: dlogits.data.slice() };
  desk.clear();
  return results;
}

describeBackends((backend) => {
  test.each([0, 0.1])(
    "cross-entropy smoothed by %d: a row alone gives the same bits as within a batch",
    (smoothing) => {
      const desk = new Desk(backend(), 3);
      const [R, V] = [7, 33];
      const rows = Array.from({ length: R }, () => [...desk.uniform([V], 5).data]);
      const whole = lossesOf(backend(), rows, { smoothing });
      rows.forEach((row, r) => {
        const alone = lossesOf(backend(), [row], { smoothing });
        expectSameBits(`loss of row ${r}`, alone.losses, whole.losses.slice(r, r + 1));
        expectSameBits(`dlogits of row ${r}`, alone.dlogits, whole.dlogits.slice(r * V, (r + 1) * V));
      });
      desk.clear();
    },
  );

  describe.each([2, 16, 21])("cross-entropy of %i words", (V) => {
    test("a NaN anywhere in a row makes its loss NaN, and no other", () => {
      for (let v = 0; v < V; v++) {
        const rows = Array.from({ length: 3 }, () => Array.from({ length: V }, (_, i) => i / V));
        rows[1]?.splice(v, 1, Number.NaN);
        const { losses, dlogits } = lossesOf(backend(), rows);
        expect([...losses].map(Number.isNaN), `NaN at ${v}`).toEqual([false, true, false]);
        expect(dlogits.subarray(V, 2 * V).every(Number.isNaN), `gradient, NaN at ${v}`).toBe(true);
        expect(dlogits.subarray(0, V).some(Number.isNaN), `gradient of another row, NaN at ${v}`).toBe(false);
      }
    });

    test("an infinite logit does not make a loss finite", () => {
      for (let v = 0; v < V; v++) {
        const row = Array.from({ length: V }, (_, i) => (i === v ? Number.POSITIVE_INFINITY : 0));
        expect(lossesOf(backend(), [row]).losses[0], `∞ at ${v}`).not.toSatisfy(Number.isFinite);
      }
      const lowest = Array.from({ length: V }, () => Number.NEGATIVE_INFINITY);
      expect(lossesOf(backend(), [lowest]).losses[0], "−∞ everywhere").not.toSatisfy(Number.isFinite);
    });
  });

  test.each([0, 0.3])("a weight of 0 masks a row, whatever it holds, smoothed by %d", (smoothing) => {
    const rows = [
      [1, 2, 3],
      [Number.NaN, Number.NaN, 0],
    ];
    const { losses, lse, dlogits } = lossesOf(backend(), rows, { weights: [1, 0], smoothing });
    expect([losses[1], lse[1]]).toEqual([0, 0]);
    expect([...dlogits.subarray(3)].map(Math.abs)).toEqual([0, 0, 0]);
    const wanted = (1 - smoothing) * 1 + smoothing * 2; // of the logits, whose mean is 2
    expect(losses[0]).toBeCloseTo(Math.log(Math.exp(1) + Math.exp(2) + Math.exp(3)) - wanted, 6);
  });

  // label-smoothing.json, by test/fixtures/complex-step.py.
  test.each(readSmoothing().map((c) => [c.name, c] as const))("gives the numbers of float64: %s", (_, c) => {
    const desk = new Desk(backend(), 1);
    const [R = 0, V = 0] = c.logits.shape;
    const reads = {
      ...{ logits: desk.tensor([R, V], c.logits.data), targets: desk.ints([R], c.targets.data) },
      weights: desk.tensor([R], c.weights),
    };
    const [losses, lse, dlogits] = [desk.poison([R]), desk.poison([R]), desk.poison([R, V])];
    const sizes = { smoothing: c.smoothing, scale: 1, R, V };
    backend().kernels.crossEntropyForward({ losses, lse }, reads, sizes);
    backend().kernels.crossEntropyBackward({ dlogits }, { ...reads, lse }, sizes);
    // Losses up to 16, rounded twice; shares as above, times weights up to 2.5.
    expectClose("losses", losses.data, c.losses.data, { absolute: 16 * 2 ** -23 });
    expectClose("dlogits", dlogits.data, c.dlogits.data, { absolute: 2.5e-6 });
    desk.clear();
  });

  test("a smoothed loss is the target's, mixed with the mean of all words'", () => {
    const [row, V] = [Array.from({ length: 37 }, (_, v) => 3 * Math.sin(v)), 37];
    const plain = row.map((_, target) => lossesOf(backend(), [row], { target }));
    const mean = plain.reduce((sum, { losses }) => sum + (losses[0] ?? 0) / V, 0);
    const { losses, dlogits } = lossesOf(backend(), [row], { target: 5, smoothing: 0.2 });
    expect(losses[0]).toBeCloseTo(0.8 * (plain[5]?.losses[0] ?? 0) + 0.2 * mean, 5);
    const gradients = row.map((_, v) => {
      const own = plain[5]?.dlogits[v] ?? 0;
      return 0.8 * own + plain.reduce((sum, p) => sum + (0.2 * (p.dlogits[v] ?? 0)) / V, 0);
    });
    expectClose("dlogits", dlogits, gradients, { absolute: 3e-7 });
  });

  test("a loss that is not smoothed does not ask what the other words' logits are", () => {
    const row = [1, Number.NEGATIVE_INFINITY, 2];
    expect(lossesOf(backend(), [row]).losses[0]).toBeCloseTo(Math.log(1 + Math.E), 6);
    expect(lossesOf(backend(), [row], { smoothing: 0.1 }).losses[0]).toBe(Number.POSITIVE_INFINITY);
  });

  test("large logits neither overflow nor lose the loss", () => {
    // log(1 + e⁻³) more than the distance between the two; the floats near 1e4 lie 2⁻¹⁰ apart, the losses near 3 do not.
    const { losses } = lossesOf(backend(), [
      [1e4, 1e4 - 3],
      [-1e4, -1e4 - 3],
      [1e4 - 3, 1e4],
    ]);
    expectClose("losses", losses, [0.048587, 0.048587, 3.048587], { absolute: 2 ** -10 });
  });

  test.each([0, 0.1])("the gradients of a row add up to 0, smoothed by %d", (smoothing) => {
    const { dlogits } = lossesOf(backend(), [Array.from({ length: 1000 }, (_, v) => Math.sin(v))], { smoothing });
    expect(dlogits.reduce((sum, d) => sum + d, 0)).toBeCloseTo(0, 6);
  });

  test("argmax takes the first of equals", () => {
    const desk = new Desk(backend(), 1);
    const logits = desk.tensor([3, 5], [1, 3, 3, 2, 3, 0, 0, 0, 0, 0, -4, -3, -2, -1, -0.5]);
    const ids = desk.poisonInts([3]);
    desk.call([ids], () => backend().kernels.argmax({ ids }, { logits }, { R: 3, V: 5 }));
    expect([...ids.data]).toEqual([1, 0, 4]);
    desk.clear();
  });
});
