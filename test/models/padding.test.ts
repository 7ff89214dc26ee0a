import { describe, expect, test } from "vitest";
import { greedy } from "../../src/decode/answer.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { Random } from "../../src/engine/random.js";
import type { Seq2Seq } from "../../src/models/seq2seq.js";
import type { PairBatch } from "../../src/models/sources.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { batchOf, drawPairs, makePairModel, onlyPair, pairKinds } from "../helpers/pair-models.js";

const SOURCES = [5, 1, 4, 3, 5];
const TARGETS = [3, 5, 2, 5, 4];
const pairs = drawPairs(new Random(2), SOURCES, TARGETS);
const START = 0;
const STEPS = 6;

/** Greedy answers, and what each step looked at: of every row its own positions. */
function answersOf(backend: Backend, model: Seq2Seq, { source, sourceLengths }: PairBatch) {
  const encoded = model.encode(source, sourceLengths);
  const answers = greedy(backend, model, encoded, { start: START, end: undefined, length: STEPS });
  model.start(encoded);
  const [N = 0, S = 0] = source.shape;
  const looks: Float32Array[][] = answers.map(() => []);
  for (let t = 0; t < STEPS; t++) {
    const ids = backend.arena.ints([N, 1]);
    ids.data.set(answers.map((answer) => (t === 0 ? START : (answer.ids[t - 1] ?? -1))));
    model.step(ids);
    const weights = model.attention?.data;
    for (const [n, look] of looks.entries()) if (weights) look.push(weights.slice(n * S, (n + 1) * S));
  }
  return { answers, looks };
}

/** Loss and gradients of a batch, and the loss of each token. */
function learn(model: Seq2Seq, batch: PairBatch) {
  for (const { grad } of model.params) grad.data.fill(0);
  const loss = model.forward(batch);
  model.backward();
  const grads = new Map(model.params.map(({ name, grad }) => [name, grad.data.slice()]));
  return { loss, grads, losses: model.losses(batch).slice() };
}

describeBackends((backend) => {
  describe.each(pairKinds)("%s", (_, given) => {
    test("a pair alone and within a batch: the same answer, score, attention and losses, bit for bit", () => {
      const model = makePairModel(backend(), given, { scale: 3 });
      const batch = batchOf(backend(), pairs);
      const together = answersOf(backend(), model, batch);
      const losses = model.losses(batch).slice();
      const T = (batch.target.shape[1] ?? 0) - 1;
      expect(new Set(together.answers.map(({ ids }) => ids.join())).size).toBeGreaterThan(1); // it has opinions
      expect(new Set(together.answers.map(({ score }) => score)).size).toBe(SOURCES.length);
      for (let n = 0; n < SOURCES.length; n++) {
        const own = batchOf(backend(), onlyPair(pairs, n));
        const { answers, looks } = answersOf(backend(), model, own);
        expect(answers[0]).toEqual(together.answers[n]);
        expect(looks[0]?.length).toBe(together.looks[n]?.length);
        for (const [t, look] of (looks[0] ?? []).entries()) {
          const [seen, S] = [together.looks[n]?.[t], SOURCES[n] ?? 0];
          expectSameBits(`attention of step ${t}`, look, seen?.slice(0, S));
          expect([...(seen?.slice(S) ?? [])]).toEqual(new Array(5 - S).fill(0));
        }
        const tokens = (TARGETS[n] ?? 0) - 1;
        expectSameBits("losses", losses.slice(n * T, n * T + tokens), model.losses(own));
        expect([...losses.slice(n * T + tokens, (n + 1) * T)]).toEqual(new Array(T - tokens).fill(0));
      }
    });

    test("more padding changes no bit of loss and answer, whatever ids stand in it", () => {
      const model = makePairModel(backend(), given);
      const plain = batchOf(backend(), pairs);
      const before = { ...answersOf(backend(), model, plain), losses: model.losses(plain).slice() };
      const loss = model.forward(plain);
      for (const id of [0, 5]) {
        const padded = batchOf(backend(), pairs, { source: 3, target: 2, id });
        const after = answersOf(backend(), model, padded);
        expect(after.answers).toEqual(before.answers);
        after.looks.forEach((look, n) => {
          look.forEach((weights, t) => {
            expectSameBits("attention", weights.slice(0, 5), before.looks[n]?.[t]);
            expect([...weights.slice(5)]).toEqual([0, 0, 0]);
          });
        });
        const losses = model.losses(padded);
        for (let n = 0; n < SOURCES.length; n++) {
          expectSameBits(`losses of row ${n}`, losses.slice(n * 6, n * 6 + 4), before.losses.slice(n * 4, n * 4 + 4));
          expect([...losses.slice(n * 6 + 4, n * 6 + 6)]).toEqual([0, 0]);
        }
        expect(model.forward(padded)).toBe(loss);
      }
    });

    // The same sums in another order, rounded to float32 where parts are added: gradients below one.
    test("the gradient of a batch is the mean of its pairs', weighted by their tokens", () => {
      const model = makePairModel(backend(), given);
      const all = learn(model, batchOf(backend(), pairs, { source: 2, target: 1, id: 6 }));
      const tokens = TARGETS.map((W) => W - 1);
      const total = tokens.reduce((sum, T) => sum + T);
      const parts = tokens.map((T, n) => ({
        ...learn(model, batchOf(backend(), onlyPair(pairs, n))),
        share: T / total,
      }));
      expect(all.loss).toBeCloseTo(
        parts.reduce((sum, { loss, share }) => sum + share * loss, 0),
        6,
      );
      for (const [name, grad] of all.grads) {
        const mean = grad.map((_d, i) =>
          parts.reduce((sum, { grads, share }) => sum + share * (grads.get(name)?.[i] ?? 0), 0),
        );
        expectClose(name, grad, mean, { absolute: 3e-7 });
      }
    });

    test("a word that stands in padding alone has no gradient at all", () => {
      const model = makePairModel(backend(), given);
      const without = (row: readonly number[]): number[] => row.map((id) => (id === 6 ? 1 : id));
      const rare = { sources: pairs.sources.map(without), targets: pairs.targets.map(without) };
      const { grads } = learn(model, batchOf(backend(), rare, { source: 3, target: 2, id: 6 }));
      for (const { name, value } of model.params) {
        if (!name.endsWith("embedding.weight") || model.config.tieWeights !== "none") continue; // tied: every word is a label
        const D = value.shape[1] ?? 0;
        const grad = grads.get(name) ?? new Float32Array();
        expect(grad.slice(6 * D, 7 * D).every((d) => d === 0)).toBe(true);
        expect(grad.slice(D, 2 * D).every((d) => d !== 0)).toBe(true);
      }
    });
  });
});
