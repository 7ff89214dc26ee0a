import { beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { copies, type Results } from "../helpers/kernel-cases.js";

/** Every 1/32 from −100 to 100, numbers near 0, and 0.6, where tanh turns from a polynomial to exp; exact in float32. */
const grid = [
  ...Array.from({ length: 200 }, (_, i) => Math.fround(0.55 + i / 2000)).flatMap((x) => [x, -x]),
  ...Array.from({ length: 6401 }, (_, i) => (i - 3200) / 32),
  ...Array.from({ length: 60 }, (_, i) => 2 ** -i).flatMap((x) => [x, -x]),
];
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** An LSTM of H units whose gates are all functions of its input itself: one row for each x. */
function gatesOf(backend: Backend, xs: readonly number[], H: number) {
  const desk = new Desk(backend, 1);
  const N = xs.length;
  const [hs, cs, gates] = [desk.poison([N, 1, H]), desk.poison([N, 1, H]), desk.poison([N, 1, 4 * H])];
  const [hn, cn] = [desk.poison([N, H]), desk.poison([N, H])];
  const reads = {
    xs: desk.tensor([N, 1, 1], xs),
    weightIh: desk.filled([4 * H, 1], 1),
    weightHh: desk.filled([4 * H, H], 0),
    bias: desk.filled([4 * H], 0),
  };
  const sizes = { reverse: 0, N, T: 1, D: 1, C: 0, H, V: 0 };
  desk.call([hs, cs, gates, hn, cn], () => backend.kernels.lstmForward({ hs, cs, gates, hn, cn }, reads, sizes));
  const results = copies({ gates, hs });
  desk.clear();
  return results;
}

// The bounds that kernels/vecmath.h states; every unit of a vector and of its tail is looked at.
describeBackends((backend) => {
  describe.each([1, 19])("with %i units", (H) => {
    let results: Results;
    beforeAll(() => {
      results = gatesOf(backend(), grid, H);
    });
    /** What unit `u` of a result that is `width` wide holds for each x. */
    const column = (name: string, width: number, u: number): number[] =>
      grid.map((_, n) => results[name]?.[n * width + u] ?? Number.NaN);

    test("σ errs by less than 2e-7 from −100 to 100", () => {
      const expected = grid.map(sigmoid);
      for (const gate of [0, 1, 3])
        for (let u = 0; u < H; u++)
          expectClose(`gate ${gate}, unit ${u}`, column("gates", 4 * H, gate * H + u), expected, { absolute: 2e-7 });
    });

    test("tanh errs by less than 4e-7 of its value from −100 to 100", () => {
      const expected = grid.map(Math.tanh);
      for (let u = 0; u < H; u++)
        expectClose(`unit ${u}`, column("gates", 4 * H, 2 * H + u), expected, { relative: 4e-7 });
    });

    // Three gates and one more tanh, each with an error as above.
    test("h is σ(o)·tanh(σ(i)·tanh(g))", () => {
      const expected = grid.map((x) => sigmoid(x) * Math.tanh(sigmoid(x) * Math.tanh(x)));
      for (let u = 0; u < H; u++) expectClose(`unit ${u}`, column("hs", H, u), expected, { absolute: 8e-7 });
    });
  });

  /** exp(x) is softmax(x) where the sum is said to be 1. */
  function expOf(xs: readonly number[]): Float32Array {
    const desk = new Desk(backend(), 1);
    const [R, V] = [1, xs.length + 1];
    const reads = {
      logits: desk.tensor([R, V], [...xs, 0]),
      lse: desk.filled([R], 0),
      targets: desk.ints([R], [V - 1]),
    };
    const dlogits = desk.poison([R, V]);
    desk.call([dlogits], () =>
      backend().kernels.crossEntropyBackward({ dlogits }, reads, { smoothing: 0, scale: 1, R, V }),
    );
    const values = dlogits.data.slice(0, -1);
    desk.clear();
    return values;
  }

  test("exp errs by less than 2.5e-7 of its value from −87.3 to 88.3", () => {
    const xs = Array.from({ length: 9001 }, (_, i) => Math.fround(-87.25 + (i * (88.25 + 87.25)) / 9000));
    expectClose("exp", expOf(xs), xs.map(Math.exp), { relative: 2.5e-7 });
  });

  test("exp of what lies further out is taken as that of the nearer end, or rightly", () => {
    for (const x of expOf([-88, -1e30])) expect(x).toBeLessThan(1.3e-38);
    for (const x of expOf([89, 1e30])) expect(x).toBeGreaterThan(2.2e38);
  });
});
