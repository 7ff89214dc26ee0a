import { expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { describeBackendsAndBF16 } from "./backends.js";
import { expectClose, expectSameBits } from "./close.js";
import { Desk } from "./desk.js";
import { describeKernel, expectSameResults, type Results } from "./kernel-cases.js";
import { cellOf } from "./once-drawn.js";
import {
  type Arrays,
  bf16ToleranceOf,
  type Cell,
  casesOf,
  drawArrays,
  type RecurrentSizes,
  ragged,
  rowOf,
  run,
  sizesOf,
  toleranceOf,
} from "./recurrent-case.js";

/** Weights of several parts that stay in the cache in turn. */
const large = sizesOf(2, 2, 33, 650, { h0: true });

/** What must hold for every recurrent kernel: the reference's numbers, and the promises of kernels.h. */
export function describeRecurrentKernel(cell: Cell): void {
  describeKernel([
    ...casesOf(cell),
    {
      ...cellOf(cell, "650 units", large, run),
      tolerance: toleranceOf(large),
      bf16Tolerance: bf16ToleranceOf(large, toleranceOf(large)),
      scratch: 2 ** 23,
    },
  ]);

  /** Runs a case on a desk of its own; `change` may change what was drawn. */
  const runAlone = (backend: Backend, s: RecurrentSizes, change: (arrays: Arrays) => void = () => {}): Results => {
    const desk = new Desk(backend, 2);
    const arrays = drawArrays(cell, desk.random, s);
    change(arrays);
    const results = run(cell, desk, s, arrays);
    desk.clear();
    return results;
  };
  const full = { h0: true, C: 9, lengths: ragged };
  const sequences = ["hs", "dxs", ...Object.keys(cell.kept).flatMap((name) => [name, `d${name}`])];

  describeBackendsAndBF16((backend) => {
    test.each([
      ["frames", sizesOf(7, 4, 19, 33, full)],
      ["a table, reversed", sizesOf(7, 4, 19, 33, { ...full, V: 5, reverse: true })],
    ])("a row alone gives the same bits as within a batch: %s", (_, s) => {
      const desk = new Desk(backend(), 2);
      const arrays = drawArrays(cell, desk.random, s);
      const whole = run(cell, desk, s, arrays);
      for (let n = 0; n < s.N; n++) {
        const alone = run(cell, desk, ...rowOf(s, arrays, n));
        for (const name of [...sequences, "hn", "dcontext", "dh0"].filter((id) => alone[id])) {
          const width = alone[name]?.length ?? 0;
          expectSameBits(`${name} of row ${n}`, alone[name], whole[name]?.slice(n * width, (n + 1) * width));
        }
      }
      desk.clear();
    });

    test.each([
      ["frames", sizesOf(7, 4, 3, 5, full)],
      ["a table, reversed", sizesOf(7, 4, 3, 5, { ...full, V: 6, reverse: true })],
    ])("what stands behind a row's length does not matter, and comes out as 0: %s", (_, s) => {
      const poisoned = runAlone(backend(), s);
      const harmless = runAlone(backend(), s, ({ xs, dhs, ids }) => {
        for (const values of [xs, dhs]) values.set(values.map((x) => (Number.isNaN(x) ? 3 : x)));
        ids.set(ids.map((id) => Math.max(id, 0)));
      });
      expectSameResults(poisoned, harmless);
      for (const name of sequences) {
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

    test("hn is the state after each row's last step", () => {
      for (const reverse of [false, true]) {
        const { hs, hn } = runAlone(backend(), sizesOf(7, 4, 3, 5, { lengths: ragged, reverse }));
        const last = ragged.flatMap((length, n) => {
          const at = (n * 4 + (reverse ? 0 : length - 1)) * 5;
          return [...(hs?.subarray(at, at + 5) ?? [])];
        });
        expectSameBits("hn", hn, last);
      }
    });

    test("gradients of parameters are added, not overwritten; those of activations are set", () => {
      const s = sizesOf(2, 4, 3, 5, { h0: true, V: 6, C: 7 });
      const [from0, from9] = [0, 9].map((value) =>
        runAlone(backend(), s, ({ start }) => {
          for (const values of Object.values(start)) values.fill(value);
        }),
      );
      for (const name of ["dtable", "dweightIh", "dweightHh", ...cell.biases.map((bias) => `d${bias}`)]) {
        const moved = from0?.[name]?.map((d) => d + 9);
        expectClose(name, from9?.[name], moved, { absolute: 1e-5 });
      }
      for (const name of ["dcontext", "dh0"]) expectSameBits(name, from9?.[name], from0?.[name]);
    });

    test("a NaN in a frame comes out from its step on, in its row alone", () => {
      const s = sizesOf(7, 4, 3, 17);
      const { hs } = runAlone(backend(), s, ({ xs }) => {
        xs[(2 * s.T + 1) * s.D] = Number.NaN;
      });
      const bad = Array.from({ length: s.N * s.T }, (_, i) => hs?.slice(i * s.H, (i + 1) * s.H).every(Number.isNaN));
      expect(bad.flatMap((isBad, i) => (isBad ? [i] : []))).toEqual([9, 10, 11]);
      expect(hs?.filter(Number.isNaN)).toHaveLength(3 * s.H);
    });
  });
}
