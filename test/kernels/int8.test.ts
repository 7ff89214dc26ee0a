import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { OptionError } from "../../src/engine/errors.js";
import { LSTM } from "../../src/engine/layers/lstm.js";
import { openBackend } from "../../src/node/backend.js";
import { describeRows, int8Backends, missingBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits, type Tolerance } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import type { Results } from "../helpers/kernel-cases.js";
import { sumOf } from "../helpers/linear-case.js";
import { drawLstm, lstmSizes, rowOf, runLstmForward } from "../helpers/lstm-case.js";
import { cellOf, linearForward, lstmOf, type OnceDrawn } from "../helpers/once-drawn.js";
import { gru, ragged, rnn, runForward, sizesOf, toleranceOf } from "../helpers/recurrent-case.js";
import { runSums, type SmallRun } from "../helpers/small-runs.js";

const state = { h0: true, c0: true };

const lstms = {
  "one unit": lstmSizes(1, 1, 1, 1, state),
  "7 units, context": lstmSizes(1, 3, 5, 7, { ...state, C: 3 }),
  "17 units, 13 rows": lstmSizes(13, 2, 3, 17, state),
  "100 units from a table of 13 rows, ragged": lstmSizes(7, 4, 13, 100, { V: 13, lengths: ragged }),
  "650 units": lstmSizes(1, 1, 100, 650, state),
};
const others = {
  "one unit": sizesOf(1, 1, 1, 1, { h0: true }),
  "7 units, context": sizesOf(1, 3, 5, 7, { h0: true, C: 3 }),
  "100 units from a table of 13 rows, ragged, reversed": sizesOf(7, 4, 13, 100, {
    V: 13,
    lengths: ragged,
    reverse: true,
  }),
  "650 units": sizesOf(1, 1, 100, 650, { h0: true }),
};
const linears = [
  ...[[1, 1, 1, 0, 1] as const, [1, 1, 650, 0, 13] as const, [5, 3, 7, 2, 33] as const],
  ...[[7, 1, 100, 0, 100] as const, [1, 1, 100, 0, 10_000] as const],
];

interface Int8Case extends OnceDrawn {
  readonly tolerance: Tolerance;
}

/**
 * The weights are the same whole numbers everywhere; what is multiplied with them is rounded to int16. Of K products of
 * numbers drawn from ±1 each then errs by 5e-6 (standard deviation), and their sum by √K as much: here is six times that.
 */
const rounding = (K: number): number => 3e-5 * Math.sqrt(K);
const recurrent = (s: Parameters<typeof toleranceOf>[0]): Tolerance => ({
  absolute: 2 * (toleranceOf(s)("hs").absolute ?? 0) + 2 * rounding(s.D + s.C + s.H),
});
const cases: readonly Int8Case[] = [
  ...Object.entries(lstms).map(([name, s]) => ({ ...lstmOf(name, s, runLstmForward), tolerance: recurrent(s) })),
  ...[gru, rnn].flatMap((cell) =>
    Object.entries(others).map(([name, s]) => ({ ...cellOf(cell, name, s, runForward), tolerance: recurrent(s) })),
  ),
  ...linears.map((sizes) => ({
    name: `linear N, T, D, C, O ${sizes.join(", ")}`,
    run: (desk: Desk) => linearForward(desk, sizes),
    tolerance: { absolute: (sumOf(sizes[2] + sizes[3]).absolute ?? 0) + rounding(sizes[2] + sizes[3]) },
  })),
];

const shape = { embeddingSize: 8, hiddenSize: 40 };
let trained: SmallRun | undefined;

/** A model in float32, trained once. */
async function train(): Promise<SmallRun> {
  if (trained) return trained;
  trained = runSums(await openBackend("wasm", { threads: 1 }), shape, 16);
  await trained.train(100);
  return trained;
}

function resultsOf({ name, run }: Int8Case, backend: Backend): Results {
  const desk = new Desk(backend, 1, name.includes("650") ? 2 ** 23 : undefined);
  const results = run(desk);
  desk.clear();
  return results;
}

describe("forward with weights of int8", () => {
  let reference: Backend | undefined;
  const references = new Map<Int8Case, Results>();
  const expectedOf = (c: Int8Case): Results => {
    if (!reference) throw new Error("expected the reference to be open");
    const known = references.get(c) ?? resultsOf(c, reference);
    references.set(c, known);
    return known;
  };
  beforeAll(async () => {
    reference = await int8Backends[0]?.open();
  });
  afterAll(() => reference?.close());

  const missing = missingBackends.map((row) => ({ ...row, name: `${row.name} int8` }));
  const compiled = int8Backends.slice(1);

  describeRows(
    (backend) => {
      test.each(cases.map((c) => [c.name, c] as const))("agrees with the reference: %s", (_, c) => {
        const results = resultsOf(c, backend());
        for (const [name, expected] of Object.entries(expectedOf(c)))
          expectClose(name, results[name], expected, c.tolerance);
      });
    },
    compiled,
    missing,
  );

  test.skipIf(compiled.length < 3)(
    "sets with fused multiply-add agree bit for bit, and WebAssembly within twice the tolerance",
    async () => {
      const open = await Promise.all(compiled.map(async (row) => ({ name: row.name, backend: await row.open() })));
      const find = (part: string) => open.find(({ name }) => name.includes(part))?.backend;
      const [wide, narrow, wasm] = [find("AVX-512"), find("AVX2"), find("wasm")];
      for (const c of cases) {
        const results = wasm ? resultsOf(c, wasm) : {};
        for (const backend of [wide, narrow].filter((b) => b !== undefined)) {
          const { absolute = 0, relative = 0 } = c.tolerance;
          for (const [name, values] of Object.entries(resultsOf(c, backend)))
            expectClose(`${c.name}: ${name}`, results[name], values, {
              absolute: 2 * absolute,
              relative: 2 * relative,
            });
        }
        if (wide && narrow)
          for (const [name, values] of Object.entries(resultsOf(c, wide)))
            expectSameBits(`${c.name}: ${name}`, resultsOf(c, narrow)[name], values);
      }
      for (const { backend } of open) backend.close();
    },
  );

  describeRows(
    (backend) => {
      test("a row alone gives the same bits as within a batch", () => {
        const desk = new Desk(backend(), 2);
        const s = lstmSizes(7, 4, 19, 33, { ...state, C: 9, lengths: ragged });
        const arrays = drawLstm(desk.random, s);
        const whole = runLstmForward(desk, s, arrays);
        for (let n = 0; n < s.N; n++)
          for (const [name, values] of Object.entries(runLstmForward(desk, ...rowOf(s, arrays, n))))
            expectSameBits(
              `${name} of row ${n}`,
              values,
              whole[name]?.slice(n * values.length, (n + 1) * values.length),
            );
        desk.clear();
      });

      test("a trained model's loss is that of float32 within 2%", async () => {
        const shape = { embeddingSize: 8, hiddenSize: 40 };
        const model = await train();
        const rounded = runSums(backend(), shape, 16);
        for (const [i, { value }] of rounded.params.entries()) value.data.set(model.params[i]?.value.data ?? []);
        expect(rounded.loss()).not.toBe(model.loss());
        expect(Math.abs(rounded.loss() / model.loss() - 1)).toBeLessThan(0.02);
      });

      test("training is refused, whatever the layer", async () => {
        const message = "precision: expected float32 or bf16 for training, got int8.";
        const hint = "train in float32, then run the model with int8";
        for (const [name, kernel] of Object.entries<(...args: never[]) => number>(backend().kernels))
          if (name.endsWith("Backward")) expect(kernel, name).toThrow(new OptionError(message, hint));
        const layer = new LSTM(backend(), { D: 3, H: 5 });
        const xs = backend().arena.tensor([2, 4, 3]);
        const hs = layer.forward(xs);
        expect(() => layer.backward(hs)).toThrow(message);
        await expect(runSums(backend(), { embeddingSize: 2, hiddenSize: 3 }, 4).train(1)).rejects.toMatchObject({
          message,
          hint,
        });
      });
    },
    int8Backends,
    missing,
  );
});
