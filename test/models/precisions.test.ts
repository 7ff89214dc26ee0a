import { beforeAll, describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import type { Seq2Seq, Seq2SeqShape } from "../../src/models/seq2seq.js";
import { openBackend } from "../../src/node/backend.js";
import { BF16, describeRows, hasBF16, int8Backends, missingBackends, openNativeWith } from "../helpers/backends.js";
import { letters } from "../helpers/letters.js";
import { runWords } from "../helpers/small-runs.js";

const kinds = [
  ["dot, side by side", { attentionalHidden: false }],
  ["general, combined", { attentionScore: "general" }],
  [
    "additive, input feeding, all tied, of GRUs",
    { attentionScore: "additive", inputFeeding: true, tieWeights: "all", cell: "gru" },
  ],
] as const satisfies [string, Seq2SeqShape][];

describe.each(kinds)("20 steps in bf16 have the losses of float32, to a hundredth: %s", (_, given) => {
  async function expectLikeFloat32(bf16: Backend, float32: Backend, shape: Seq2SeqShape, batch: number): Promise<void> {
    const [got, expected] = await Promise.all([bf16, float32].map((b) => runWords(b, shape, batch).train(20)));
    expect(got).not.toEqual(expected);
    const sum = (losses: number[] = []): number => losses.reduce((total, loss) => total + loss, 0);
    expect(sum(expected?.slice(-5))).toBeLessThan(0.99 * sum(expected?.slice(0, 5))); // it learns
    for (const [i, loss] of (got ?? []).entries()) expect(Math.abs(loss / (expected?.[i] ?? 0) - 1)).toBeLessThan(0.01);
    for (const backend of [bf16, float32]) backend.close();
  }

  test("on the reference", async () => {
    const shape = { ...given, embeddingSize: 6, hiddenSize: 8 };
    await expectLikeFloat32(openReference({ precision: "bf16" }), openReference(), shape, 8);
  });

  test.skipIf(!hasBF16)(BF16, async () => {
    const shape = { ...given, embeddingSize: 32, hiddenSize: 96 };
    await expectLikeFloat32(openNativeWith(BF16), openNativeWith("AVX-512"), shape, 48);
  });
});

describe.each(kinds)("in int8: %s", (_, given) => {
  const shape = { ...given, embeddingSize: 12, hiddenSize: 24 };
  const inputs = ["", "a", "gfedcba", "abcabc", "ddddd", "fa", "bge", "cabbage", "eggfacade"];
  let trained: { model: Seq2Seq; loss: number; answers: ReturnType<typeof predict> } | undefined;

  beforeAll(async () => {
    const backend = await openBackend("wasm", { threads: 1 });
    const run = runWords(backend, shape, 16);
    const losses = await run.train(600);
    const loss = run.loss();
    expect(loss).toBeLessThan(0.7 * (losses[0] ?? 0));
    trained = { model: run.model, loss, answers: predict(backend, run.model, letters, inputs) };
  });

  describeRows(
    (backend) => {
      /** The trained model with its weights in int8. */
      function round(): ReturnType<typeof runWords> {
        const run = runWords(backend(), shape, 16);
        for (const [i, { value }] of run.params.entries()) value.data.set(trained?.model.params[i]?.value.data ?? []);
        return run;
      }

      test("the loss is that of float32 within 2 %", () => {
        const loss = round().loss();
        expect(loss).not.toBe(trained?.loss);
        expect(Math.abs(loss / (trained?.loss ?? 0) - 1)).toBeLessThan(0.02);
      });

      test("the answers are those of float32, all but two at most, and as likely", () => {
        const same = predict(backend(), round().model, letters, inputs).filter(({ output, score }, i) => {
          const { output: expected, score: likely } = trained?.answers[i] ?? { output: "", score: Number.NaN };
          if (output !== expected) return false;
          expect(Math.abs(score - likely)).toBeLessThan(0.1 + 0.05 * Math.abs(likely));
          return true;
        });
        expect(same.length).toBeGreaterThanOrEqual(inputs.length - 2);
        expect(new Set(same.map(({ output }) => output)).size).toBeGreaterThan(4);
      });

      test("a text alone gets the answer that it gets among others", () => {
        const { model } = round();
        const together = predict(backend(), model, letters, inputs);
        for (const [i, input] of inputs.entries())
          expect(predict(backend(), model, letters, [input])).toEqual([together[i]]);
      });
    },
    int8Backends,
    missingBackends,
  );
});
