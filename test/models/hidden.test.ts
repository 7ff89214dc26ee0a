import { describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.js";
import { describeBackends } from "../helpers/backends.js";
import { intsOf } from "../helpers/fixtures.js";
import { batchOf, drawPairs, makePairModel, pairKinds } from "../helpers/pair-models.js";

const pairs = drawPairs(new Random(3), [5, 5, 5], [5, 5, 5]);
const N = 3;

describeBackends((backend) => {
  describe.each(pairKinds)("%s", (_, given) => {
    test("hidden is at first what was encoded, and another after each step", () => {
      const model = makePairModel(backend(), given);
      const encoded = model.encode(batchOf(backend(), pairs).source);
      model.start(encoded);
      const seen = [encoded.states.at(-1)?.h.data, model.hidden?.data].map((data) => Array.from(data ?? []));
      expect(seen[1]).toEqual(seen[0]);
      for (let t = 0; t < 3; t++) {
        model.step(intsOf(backend(), { shape: [N, 1], data: [1, 2, 3] }));
        seen.push(Array.from(model.hidden?.data ?? []));
      }
      expect(new Set(seen.map(String)).size).toBe(4);
    });
  });

  test("the logits of a plain decoder are the linear layer of hidden", () => {
    const model = makePairModel(backend(), { decoder: "plain" });
    const { hiddenSize: H, targetVocabSize: V } = model.config;
    model.start(model.encode(batchOf(backend(), pairs).source));
    const logits = model.step(intsOf(backend(), { shape: [N, 1], data: [1, 2, 3] })).data;
    const paramOf = (name: string) => model.params.find((param) => param.name === name)?.value.data ?? [];
    const [weight, bias, hs] = [paramOf("decoder.linear.weight"), paramOf("decoder.linear.bias"), model.hidden?.data];
    for (let n = 0; n < N; n++)
      for (let v = 0; v < V; v++) {
        let sum = bias[v] ?? 0;
        for (let i = 0; i < H; i++) sum += (weight[v * H + i] ?? 0) * (hs?.[n * H + i] ?? 0);
        expect(logits[n * V + v]).toBeCloseTo(sum, 5);
      }
  });
});
