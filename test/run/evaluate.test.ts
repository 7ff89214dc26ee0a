import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import { evaluatePairs } from "../../src/run/evaluate.js";
import { addition } from "../../src/tasks/pairs/addition.js";
import { decodePairs, encodePairs, type PairSet } from "../../src/tasks/pairs/pairs.js";
import { describeBackends } from "../helpers/backends.js";
import { makeModel, sums } from "../helpers/models.js";

const { tokenizer } = sums;
const all = addition({ digits: 2, count: 2000 });

/** The same questions with other answers. */
function answered(pairs: PairSet, answer: (question: string) => string): PairSet {
  const questions = decodePairs(tokenizer, pairs);
  return encodePairs(
    tokenizer,
    questions.map(({ source: question }) => ({ source: question, target: answer(question) })),
  );
}

describeBackends((backend) => {
  describe("evaluating", () => {
    test("counts what is right to the letter, and its letters", () => {
      const { model } = makeModel(backend());
      const predictions = new Map(
        predict(
          backend(),
          model,
          tokenizer,
          decodePairs(tokenizer, sums.train).map(({ source: question }) => question),
        ).map(({ input, output }) => [input, output]),
      );
      const right = (question: string): string => `_${predictions.get(question) ?? "?"}`;
      const wrongAtTheEnd = (question: string): string =>
        `_${(predictions.get(question) ?? "").padEnd(2).slice(0, 1)}+`;
      const perfect = evaluatePairs(backend(), model, tokenizer, answered(sums.train, right));
      expect(perfect).toMatchObject({ count: 49, exactMatch: 1, positionAccuracy: 1 });
      const half = evaluatePairs(backend(), model, tokenizer, answered(sums.train, wrongAtTheEnd));
      expect(half).toMatchObject({ count: 49, exactMatch: 0, positionAccuracy: 0.5 });
      expect(half.loss).toBeGreaterThan(perfect.loss);
    });

    test("gives the loss per token, its perplexity, and the first samples in order", () => {
      const { model } = makeModel(backend());
      const scores = evaluatePairs(backend(), model, tokenizer, sums.train);
      expect(scores.loss).toBeCloseTo(Math.log(13), 1);
      expect(scores.perplexity).toBeCloseTo(Math.exp(scores.loss), 9);
      const first = decodePairs(tokenizer, sums.train).slice(0, 10);
      const predictions = predict(
        backend(),
        model,
        tokenizer,
        first.map(({ source: question }) => question),
      );
      expect(scores.samples).toEqual(
        first.map(({ source: question, target: answer }, i) => ({
          question,
          reference: answer.slice(1),
          prediction: predictions[i]?.output,
        })),
      );
    });

    test("is the same whatever the batches: 2,000 questions or their halves", () => {
      const { model } = makeModel(backend(), { hiddenSize: 4 });
      const pairs = decodePairs(all.tokenizer, all.train);
      const part = (from: number, to: number): PairSet => encodePairs(all.tokenizer, pairs.slice(from, to));
      const score = (pairs: PairSet) => evaluatePairs(backend(), model, all.tokenizer, pairs);
      const [whole, a, b] = [part(0, 1234), part(0, 617), part(617, 1234)].map(score);
      expect(whole?.count).toBe(1234);
      expect(whole?.loss).toBeCloseTo(((a?.loss ?? 0) + (b?.loss ?? 0)) / 2, 9);
      expect(whole?.positionAccuracy).toBeCloseTo(((a?.positionAccuracy ?? 0) + (b?.positionAccuracy ?? 0)) / 2, 12);
    });
  });
});
