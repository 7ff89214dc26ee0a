import { describe, expect, test, vi } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { CrossEntropy } from "../../src/engine/layers/cross-entropy.js";
import { Random } from "../../src/engine/random.js";
import type { DecoderTraining } from "../../src/models/encoder-decoder.js";
import type { Seq2Seq, Seq2SeqConfig } from "../../src/models/seq2seq.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { intsOf, tensorOf } from "../helpers/fixtures.js";
import { batchOf, drawPairs, makePairModel, pairKinds } from "../helpers/pair-models.js";

const SOURCES = [3, 5, 2];
const TARGETS = [5, 2, 4];
const pairs = drawPairs(new Random(4), SOURCES, TARGETS);
const T = 4;

/** The loss of a model in a step, or in none. */
function lossOf(backend: Backend, model: Seq2Seq, phase?: { step: number; done?: number }): number {
  Object.assign(model.phase, { training: phase !== undefined, done: 0, ...phase });
  const loss = model.forward(batchOf(backend, pairs));
  model.phase.training = false;
  return loss;
}

describeBackends((backend) => {
  describe.each(pairKinds)("dropout: %s", (_, given) => {
    const make = (seed: number, dropout = 0.5) => makePairModel(backend(), { ...given, dropout }, { seed });

    test("the same seed and step give the same loss twice, and other ones another", () => {
      const model = make(1);
      const first = lossOf(backend(), model, { step: 3 });
      expect(lossOf(backend(), model, { step: 3 })).toBe(first);
      expect(lossOf(backend(), make(1), { step: 3 })).toBe(first);
      expect(lossOf(backend(), model, { step: 4 })).not.toBe(first);
      expect(lossOf(backend(), make(2), { step: 3 })).not.toBe(first);
    });

    test("nothing is dropped where the model does not train", () => {
      expect(lossOf(backend(), make(1))).toBe(lossOf(backend(), make(1, 0)));
      expect(lossOf(backend(), make(1, 0), { step: 3 })).toBe(lossOf(backend(), make(1, 0)));
      const model = make(1);
      const { source, sourceLengths } = batchOf(backend(), pairs);
      const logits = [make(1, 0), model].map((each) => {
        lossOf(backend(), each, { step: 3 });
        each.start(each.encode(source, sourceLengths));
        return each.step(intsOf(backend(), { shape: [3, 1], data: [1, 2, 3] })).data.slice();
      });
      expectSameBits("logits", logits[1], logits[0]);
    });
  });

  test.each([
    ["peeky", { decoder: "peeky" }, 3 + 1 + 3],
    ["attention, both ways", { decoder: "attention", bidirectional: true }, 3 + 1 + 3],
    ["input feeding", { decoder: "attention", attentionalHidden: true, inputFeeding: true }, 3 + 1 + 3 * T],
  ] as const satisfies [string, Partial<Seq2SeqConfig>, number][])(
    "no two layers or steps have the same mask: %s",
    (_, given, masks) => {
      const drops = vi.spyOn(backend().kernels, "dropout");
      const model = makePairModel(backend(), { ...given, layers: 3, dropout: 0.5 }, { seed: 9 });
      lossOf(backend(), model, { step: 7 });
      const there = drops.mock.calls.map(([, , { stream }]) => stream);
      model.backward();
      drops.mockRestore();
      expect(there).toHaveLength(masks);
      expect(new Set(there).size).toBe(masks);
    },
  );

  describe.each([
    ["plain", {}],
    ["peeky", { decoder: "peeky" }],
    ["attention", { decoder: "attention" }],
    ["input feeding", { decoder: "attention", attentionalHidden: true, inputFeeding: true }],
  ] as const)("scheduled sampling: %s", (_, given) => {
    const make = (training: DecoderTraining) => makePairModel(backend(), given, training);
    const plain = () => lossOf(backend(), make({}));

    test("shows the reference alone at the beginning, and where the model does not train", () => {
      expect(lossOf(backend(), make({ scheduledSampling: 1 }), { step: 0, done: 0 })).toBe(plain());
      expect(lossOf(backend(), make({ scheduledSampling: 1 }))).toBe(plain());
      expect(lossOf(backend(), make({ scheduledSampling: 0 }), { step: 3, done: 1 })).toBe(plain());
    });

    test("shows what the model takes for the most probable after the reference alone at the end, but for the start", () => {
      const model = make({ scheduledSampling: 1 });
      const loss = lossOf(backend(), model, { step: 3, done: 1 });
      const { source, sourceLengths, target } = batchOf(backend(), pairs);
      /** The logits after these inputs (3, T). */
      const logitsAfter = (data: number[]) => {
        model.start(model.encode(source, sourceLengths));
        return model.step(intsOf(backend(), { shape: [3, T], data }));
      };
      const reference = [...target.data].filter((_id, i) => i % (T + 1) < T);
      const predictions = backend().arena.ints([3 * T]);
      backend().kernels.argmax({ ids: predictions }, { logits: logitsAfter(reference) }, { R: 3 * T, V: 9 });
      const shown = reference.map((id, i) => (i % T === 0 ? id : (predictions.data[i - 1] ?? -1)));
      expect(shown).not.toEqual(reference);
      const labels = [...target.data].filter((_id, i) => i % (T + 1) > 0);
      const counted = TARGETS.flatMap((W) => Array.from({ length: T }, (_step, t) => Number(t < W - 1)));
      const expected = new CrossEntropy(backend()).forward(
        logitsAfter(shown).as([3, T, 9]),
        intsOf(backend(), { shape: [3, T], data: labels }),
        tensorOf(backend(), { shape: [3, T], data: counted }),
      );
      expect(loss).toBe(expected);
      expect(loss).not.toBe(plain());
    });

    test("is a function of seed and step, and shows more predictions as training goes on", () => {
      const run = (seed: number, step: number, done: number) =>
        lossOf(backend(), make({ scheduledSampling: 0.6, seed }), { step, done });
      expect(run(1, 3, 0.9)).toBe(run(1, 3, 0.9));
      const steps = Array.from({ length: 40 }, (_step, i) => i);
      const changed = (done: number) => steps.filter((step) => run(1, step, done) !== plain()).length;
      expect(changed(0.02)).toBeLessThan(changed(0.9));
      const losses = (seed: number) => steps.slice(0, 5).map((step) => run(seed, step, 1));
      expect(losses(2)).not.toEqual(losses(1));
      expect(new Set(losses(1)).size).toBeGreaterThan(1);
    });
  });
});
