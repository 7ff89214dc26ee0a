import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import { Random } from "../../src/engine/random.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { letters } from "../helpers/letters.js";
import { batchOf, drawPairs, makePairModel, pairKinds } from "../helpers/pair-models.js";
import { runWords } from "../helpers/small-runs.js";

const attention = { decoder: "attention", attentionalHidden: true } as const;

describeBackends((backend) => {
  test.each([
    ["attention", {}],
    ["attention side by side, of GRUs", { attentionalHidden: false, cell: "gru", attentionScore: "additive" }],
    ["input feeding, all tied", { inputFeeding: true, tieWeights: "all" }],
    ["peeky", { decoder: "peeky", attentionalHidden: false }],
  ] as const)("what is asked between two steps changes no bit of the next: %s", async (_, given) => {
    const shape = { embeddingSize: 5, hiddenSize: 6, ...given };
    const [plain, asked] = [runWords(backend(), shape, 8), runWords(backend(), shape, 8)];
    const losses = await plain.train(4);
    for (const [step, loss] of losses.entries()) {
      const inputs = Array.from({ length: 3 * step + 1 }, (_input, i) => "abcdefg".slice(i % 7)); // other N, S and T
      predict(backend(), asked.model, letters, inputs);
      asked.loss();
      asked.model.losses(batchOf(backend(), drawPairs(new Random(1), [step + 2, 1], [3, step + 2])));
      expect(await asked.train(1)).toEqual([loss]);
    }
    for (const [i, { name, value }] of plain.params.entries())
      expectSameBits(name, asked.params[i]?.value.data, value.data);
  });

  describe.each(pairKinds)("%s", (_, given) => {
    test("batches of other sizes before it change no bit of a loss, its gradient and an answer", () => {
      const batch = () => batchOf(backend(), drawPairs(new Random(1), [3, 5, 2], [5, 2, 4]));
      const [fresh, used] = [makePairModel(backend(), given), makePairModel(backend(), given)];
      for (const [sources, targets] of [
        [
          [9, 1, 7, 2, 9],
          [2, 8, 8, 3, 4],
        ],
        [[1], [2]],
      ] as const) {
        used.forward(batchOf(backend(), drawPairs(new Random(2), sources, targets)));
        used.backward();
      }
      for (const { grad } of used.params) grad.data.fill(0);
      const [first, second] = [fresh, used].map((model) => {
        const loss = model.forward(batch());
        model.backward();
        const grads = model.params.map(({ grad }) => [...grad.data]);
        const { source, sourceLengths } = batch();
        model.start(model.encode(source, sourceLengths));
        const ids = backend().arena.ints([3, 1]);
        ids.data.fill(1);
        return { loss, grads, logits: [...model.step(ids).data] };
      });
      expect(second).toEqual(first);
    });
  });

  test.each([
    ["attention", attention],
    ["plain", {}],
  ] as const)("smoothed labels change what is trained on, not what is measured: %s", (_, given) => {
    const batch = batchOf(backend(), drawPairs(new Random(1), [3, 5, 2], [5, 2, 4]));
    const [sharp, smooth] = [0, 0.2].map((labelSmoothing) => makePairModel(backend(), given, { labelSmoothing }));
    expectSameBits("losses", smooth?.losses(batch).slice(), sharp?.losses(batch));
    expect(smooth?.forward(batch)).not.toBe(sharp?.forward(batch));
    const losses = sharp?.losses(batch) ?? new Float32Array();
    expect(sharp?.forward(batch)).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 8, 6);
  });
});
