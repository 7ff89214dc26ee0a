import { describe, expect, test } from "vitest";
import { Adam, gradientNorm, SGD } from "../../src/engine/optim/optimizer.js";
import { Random } from "../../src/engine/random.js";
import type { Seq2SeqConfig } from "../../src/models/seq2seq.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { batchOf, drawPairs, makePairModel } from "../helpers/pair-models.js";

const combined = { decoder: "attention", attentionalHidden: true } as const;
const pairs = drawPairs(new Random(1), [2, 1], [2, 3]); // few of the words occur

const kinds = [
  ["nothing tied", combined],
  ["the target's embedding tied", { ...combined, tieWeights: "output" }],
  ["all tied", { ...combined, tieWeights: "all" }],
  ["all tied, input feeding", { ...combined, tieWeights: "all", inputFeeding: true }],
  ["all tied, plain", { tieWeights: "all", embeddingSize: 8 }],
] as const satisfies [string, Partial<Seq2SeqConfig>][];

describeBackends((backend) => {
  describe.each(kinds)("%s", (_, given) => {
    test("a weight that several layers share is one parameter", () => {
      const { params } = makePairModel(backend(), given);
      const names = params.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      expect(new Set(params.map(({ value }) => value.offset)).size).toBe(names.length);
      const [isTied, shares] = ["tieWeights" in given, "tieWeights" in given && given.tieWeights === "all"];
      expect(names.includes("decoder.linear.weight")).toBe(!isTied);
      expect(names.includes("decoder.embedding.weight")).toBe(!shares);
      expect(names.includes("encoder.embedding.weight")).toBe(true);
    });

    test("the norm, and a step down the gradient, see every row that has one", () => {
      const model = makePairModel(backend(), given);
      const sgd = new SGD(backend(), model.params, 0.5);
      for (const step of [1, 2]) {
        model.losses(batchOf(backend(), drawPairs(new Random(step), [4], [4]))); // touches nothing
        model.forward(batchOf(backend(), pairs));
        model.backward();
        const before = model.params.map(({ value, grad }) => ({ value: value.data.slice(), grad: grad.data.slice() }));
        const norm = Math.hypot(...before.flatMap(({ grad }) => [...grad]));
        expect(gradientNorm(backend(), model.params)).toBeCloseTo(norm, 6);
        sgd.step(1);
        for (const [i, { name, value, grad }] of model.params.entries()) {
          const stepped = before[i]?.value.map((x, j) => x - 0.5 * (before[i]?.grad[j] ?? Number.NaN));
          expectClose(name, value.data, stepped, { absolute: 1e-7, relative: 1e-7 });
          expect(grad.data.every((d) => d === 0)).toBe(true);
        }
      }
    });

    test("learns a batch by heart", () => {
      const model = makePairModel(backend(), given, { scale: 0.3 });
      const adam = new Adam(backend(), model.params, 0.02);
      const batch = batchOf(backend(), pairs);
      const first = model.forward(batch);
      for (let step = 1; step <= 100; step++) {
        model.forward(batch);
        model.backward();
        adam.step(1, step);
      }
      expect(first).toBeGreaterThan(1.5);
      expect(model.forward(batch)).toBeLessThan(0.05);
    });
  });
});
