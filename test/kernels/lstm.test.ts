import { expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { describeBackendsAndBF16 } from "../helpers/backends.js";
import { expectClose, expectSameBits, type Tolerance } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { describeKernel, expectSameResults, type KernelCase, type Results } from "../helpers/kernel-cases.js";
import { drawLstm, type LSTMArrays, type LSTMSizes, lstmSizes, rowOf, runLstm } from "../helpers/lstm-case.js";
import { lstmOf } from "../helpers/once-drawn.js";
import { bf16ToleranceOf } from "../helpers/recurrent-case.js";

const state = { h0: true, c0: true };
const ragged = [3, 1, 4, 2, 4, 1, 3];

/** Sizes at the edges of tiles, of one to six rows and of 4, 8 or 16 units, and sums of more than 256 products. */
const shapes: Readonly<Record<string, LSTMSizes>> = {
  "one unit, one step": lstmSizes(1, 1, 1, 1),
  "one unit, four steps": lstmSizes(2, 4, 1, 1, { ...state, C: 1 }),
  "7 units": lstmSizes(5, 4, 3, 7, state),
  "16 units, six rows": lstmSizes(6, 4, 5, 16, state),
  "17 units, seven ragged rows": lstmSizes(7, 4, 16, 17, { ...state, lengths: ragged }),
  "64 units, 13 rows, one step": lstmSizes(13, 1, 7, 64, { h0: true }),
  "65 units, context": lstmSizes(2, 4, 17, 65, { ...state, C: 33 }),
  "100 units, four steps from zeros": lstmSizes(5, 4, 13, 100),
  "100 units, seven ragged rows, reversed": lstmSizes(7, 4, 100, 100, { ...state, lengths: ragged, reverse: true }),
  "a table of one row": lstmSizes(5, 4, 3, 7, { V: 1 }),
  "a table of two rows": lstmSizes(13, 4, 7, 17, { ...state, V: 2 }),
  "a table of 13 rows, context": lstmSizes(6, 4, 16, 64, { ...state, V: 13, C: 64 }),
  "a table of 33 rows, ragged": lstmSizes(7, 4, 17, 65, { V: 33, C: 7, lengths: ragged }),
  "sums over 300 inputs and 290 of a context": lstmSizes(2, 2, 300, 7, { C: 290 }),
  "sums over 600 places": lstmSizes(120, 5, 3, 5, { ...state, C: 2 }),
  "sums over 300 rows": lstmSizes(300, 1, 3, 5, { ...state, C: 2 }),
  "sums over 300 words": lstmSizes(90, 5, 3, 5, { V: 300 }),
  "a table of 10,000 rows": lstmSizes(3, 2, 5, 7, { V: 10_000 }),
};

/** Weights of several parts that stay in the cache in turn. */
const large = lstmSizes(2, 2, 33, 650, state);

/** Every combination of what may be there, at sizes that differ pairwise. */
const combinations = [0, 4].flatMap((V) =>
  [0, 2].flatMap((C) =>
    [{}, { h0: true }, { h0: true, c0: true }].flatMap((start) =>
      [{}, { lengths: [3, 1, 6, 2, 6] }].flatMap((padding) =>
        [{}, { reverse: true }].flatMap((direction) =>
          [{}, { dhn: false, dcn: false }, { dhs: false }, { dcn: false, dinputs: false }].map((gradients) => {
            const given = { ...start, ...padding, ...direction };
            const without = Object.keys(gradients).map((name) => `no ${name}`);
            const words = [V ? "ids" : "frames", ...(C ? ["context"] : []), ...Object.keys(given), ...without];
            return [words.join(", "), lstmSizes(5, 6, 3, 7, { V, C, ...given, ...gradients })] as const;
          }),
        ),
      ),
    ),
  ),
);

/**
 * A gate is a function with a slope below 1 of a sum of K = C + D + H products of order one: it errs by about √K·2⁻²⁴, and
 * by 8·2⁻²⁴ for the approximation of the function. T steps pass it on, and the gradient of a parameter sums N·T of them
 * with random signs. Twice what was seen on any backend.
 */
function toleranceOf({ N, T, D, C, H }: LSTMSizes): (result: string) => Tolerance {
  const ofGates = (8 + 2 * Math.sqrt(C + D + H)) * T * 2 ** -24;
  const ofSums = ofGates * (1 + 2 * Math.sqrt(N * T));
  return (result) => ({ absolute: /dweight|dbias|dtable/.test(result) ? ofSums : ofGates });
}

const cases = [...combinations, ...Object.entries(shapes)].map(([name, s]): KernelCase => {
  return {
    name,
    run: (desk) => runLstm(desk, s, drawLstm(desk.random, s)),
    tolerance: toleranceOf(s),
    bf16Tolerance: bf16ToleranceOf(s, toleranceOf(s)),
  };
});

describeKernel([
  ...cases,
  {
    ...lstmOf("650 units", large, runLstm),
    tolerance: toleranceOf(large),
    bf16Tolerance: bf16ToleranceOf(large, toleranceOf(large)),
    scratch: 2 ** 23,
  },
]);

/** Runs a case on a desk of its own; `change` may change what was drawn. */
function run(backend: Backend, s: LSTMSizes, change: (arrays: LSTMArrays) => void = () => {}): Results {
  const desk = new Desk(backend, 2);
  const arrays = drawLstm(desk.random, s);
  change(arrays);
  const results = runLstm(desk, s, arrays);
  desk.clear();
  return results;
}

const full = { ...state, C: 9, lengths: ragged };

describeBackendsAndBF16((backend) => {
  test.each([
    ["frames", lstmSizes(7, 4, 19, 33, full)],
    ["a table, reversed", lstmSizes(7, 4, 19, 33, { ...full, V: 5, reverse: true })],
  ])("a row alone gives the same bits as within a batch: %s", (_, s) => {
    const desk = new Desk(backend(), 2);
    const arrays = drawLstm(desk.random, s);
    const whole = runLstm(desk, s, arrays);
    for (let n = 0; n < s.N; n++) {
      const alone = runLstm(desk, ...rowOf(s, arrays, n));
      for (const name of ["hs", "cs", "gates", "hn", "cn", "dxs", "dcontext", "dh0", "dc0"].filter((id) => alone[id])) {
        const width = alone[name]?.length ?? 0;
        expectSameBits(`${name} of row ${n}`, alone[name], whole[name]?.slice(n * width, (n + 1) * width));
      }
    }
    desk.clear();
  });

  test.each([
    ["frames", lstmSizes(7, 4, 3, 5, full)],
    ["a table, reversed", lstmSizes(7, 4, 3, 5, { ...full, V: 6, reverse: true })],
  ])("padding does not matter, and its outputs are 0: %s", (_, s) => {
    const poisoned = run(backend(), s);
    const harmless = run(backend(), s, ({ xs, dhs, ids }) => {
      for (const values of [xs, dhs]) values.set(values.map((x) => (Number.isNaN(x) ? 3 : x)));
      ids.set(ids.map((id) => Math.max(id, 0)));
    });
    expectSameResults(poisoned, harmless);
    for (const name of ["hs", "cs", "gates", "dgates", "dxs"]) {
      const values = poisoned[name];
      const width = (values?.length ?? 0) / (s.N * s.T);
      ragged.forEach((length, n) => {
        const padding = values?.slice((n * s.T + length) * width, (n + 1) * s.T * width) ?? [];
        expect(
          padding.every((x) => x === 0),
          `${name} of row ${n}`,
        ).toBe(true);
        const before = values?.slice(n * s.T * width, (n * s.T + length) * width) ?? [];
        expect(
          before.every((x) => x !== 0),
          `${name} of row ${n} before its padding`,
        ).toBe(true);
      });
    }
    for (const [name, values] of Object.entries(poisoned)) expect(values.some(Number.isNaN), name).toBe(false);
  });

  test("hn and cn are the state after each row's last step", () => {
    for (const reverse of [false, true]) {
      const { hs, cs, hn, cn } = run(backend(), lstmSizes(7, 4, 3, 5, { lengths: ragged, reverse }));
      const last = (states: Results[string] | undefined) =>
        ragged.flatMap((length, n) =>
          [...(states?.subarray((n * 4 + (reverse ? 0 : length - 1)) * 5) ?? [])].slice(0, 5),
        );
      expectSameBits("hn", hn, last(hs));
      expectSameBits("cn", cn, last(cs));
    }
  });

  test("gradients of parameters are added, not overwritten; those of activations are set", () => {
    const s = lstmSizes(2, 4, 3, 5, { ...state, V: 6, C: 7 });
    const [from0, from9] = [0, 9].map((value) =>
      run(backend(), s, ({ start }) => {
        for (const values of Object.values(start)) values.fill(value);
      }),
    );
    for (const name of ["dtable", "dweightIh", "dweightHh", "dbias"])
      expectClose(
        name,
        from9?.[name],
        from0?.[name]?.map((d) => d + 9),
        { absolute: 1e-5 },
      );
    for (const name of ["dcontext", "dh0", "dc0"]) expectSameBits(name, from9?.[name], from0?.[name]);
  });

  test("a NaN in a frame comes out from its step on, in its row alone", () => {
    const s = lstmSizes(7, 4, 3, 17);
    const { hs } = run(backend(), s, ({ xs }) => {
      xs[(2 * s.T + 1) * s.D] = Number.NaN;
    });
    const bad = Array.from({ length: s.N * s.T }, (_, i) => hs?.slice(i * s.H, (i + 1) * s.H).every(Number.isNaN));
    expect(bad.flatMap((isBad, i) => (isBad ? [i] : []))).toEqual([9, 10, 11]);
    expect(hs?.filter(Number.isNaN)).toHaveLength(3 * s.H);
  });
});
