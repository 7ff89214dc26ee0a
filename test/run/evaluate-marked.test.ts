import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import type { Seq2Seq } from "../../src/models/seq2seq.js";
import { answerPairs } from "../../src/run/answer-pairs.js";
import { evaluatePairs } from "../../src/run/evaluate.js";
import { encodePairs, type Pair } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { describeBackends } from "../helpers/backends.js";
import { letters, makeLetterModel, reversedWords } from "../helpers/letters.js";

const QUESTIONS = ["abc", "", "g", "ggggggggg", "abcdefgabcde", "fa", "cc"];

/** A model with opinions, for which answers end here and there: `aa`, `adadad`, one that does not end, `bcfcccd` … */
function makeModel(backend: Backend): Seq2Seq {
  const { model } = makeLetterModel(backend, { attentionScore: "general", bidirectional: true });
  for (const { name, value } of model.initialize(2).params)
    value.data.set(value.data.map((x) => x * (name.includes("embedding") ? 100 : 5)));
  const bias = model.params.find(({ name }) => name === "decoder.linear.bias");
  bias?.value.data.fill(0.5, letters.target.end);
  return model;
}

const predictionsOf = (backend: Backend, model: Seq2Seq, questions: readonly string[] = QUESTIONS) =>
  predict(backend, model, letters, questions).map(({ output }) => output);

describeBackends((backend) => {
  const evaluate = (pairs: readonly Pair[], model = makeModel(backend())) => {
    const set = encodePairs(letters, pairs);
    const answers = answerPairs(backend(), model, letters, set);
    return { answers, scores: evaluatePairs(backend(), model, letters, set) };
  };

  describe("evaluating answers that end where they like", () => {
    test("an answer is right in every token, and where it ends", () => {
      const predictions = predictionsOf(backend(), makeModel(backend()));
      expect(new Set(predictions.map(({ length }) => length)).size).toBeGreaterThan(1);
      const pairs = QUESTIONS.map((question, i) => ({ source: question, target: predictions[i] ?? "?" }));
      const { answers, scores } = evaluate(pairs);
      expect(scores).toMatchObject({ count: 7, exactMatch: 1 });
      expect(answers.map(({ question, prediction }) => ({ source: question, target: prediction.text }))).toEqual(pairs);

      const longer = pairs.map(({ source: question, target: answer }) => ({ source: question, target: `${answer}g` }));
      expect(evaluate(longer).scores.exactMatch).toBe(0);
      const shorter = pairs
        .filter(({ target: answer }) => answer.length > 1)
        .map((pair) => ({ ...pair, target: pair.target.slice(1) }));
      expect(evaluate(shorter).scores.exactMatch).toBe(0);
    });

    test("its tokens are counted place by place", () => {
      const model = makeModel(backend());
      const [prediction = ""] = predictionsOf(backend(), model, ["abc"]);
      const other = prediction.replace(/^./, (letter) => (letter === "a" ? "b" : "a"));
      const { scores } = evaluate([{ source: "abc", target: other }], model);
      expect([prediction.length > 0, prediction.length < 13]).toEqual([true, true]);
      expect(scores.positionAccuracy).toBeCloseTo(1 - 1 / prediction.length, 12);
      expect(scores.exactMatch).toBe(0);
    });

    test("a question with several answers is asked once, and any of them is right", () => {
      const model = makeModel(backend());
      const [prediction = "", none = ""] = predictionsOf(backend(), model, ["abc", "fa"]);
      const pairs = [
        { source: "abc", target: `${prediction}a` },
        { source: "fa", target: `${none}b` },
        { source: "abc", target: prediction },
        { source: "fa", target: `${none}c` },
      ];
      const { answers, scores } = evaluate(pairs, model);
      expect(scores).toMatchObject({ count: 2, exactMatch: 0.5 });
      expect(answers.map(({ row, references }) => [row, ...references.map(({ text }) => text)])).toEqual([
        [0, `${prediction}a`, prediction],
        [1, `${none}b`, `${none}c`],
      ]);
      expect(scores.samples).toEqual([
        { question: "abc", reference: prediction, prediction },
        { question: "fa", reference: `${none}b`, prediction: none },
      ]);
      // The loss is of all four, which the model might all have said.
      const [a, b] = [evaluate(pairs.slice(0, 2), model).scores, evaluate(pairs.slice(2), model).scores];
      const tokens = [pairs.slice(0, 2), pairs.slice(2)].map((part) =>
        part.reduce((sum, { target: answer }) => sum + answer.length + 1, 0),
      );
      const [m = 0, n = 0] = tokens;
      expect(scores.loss).toBeCloseTo((m * a.loss + n * b.loss) / (m + n), 6);
    });

    test("the loss is a mean over tokens, whatever the lengths and the order", () => {
      const pairs = reversedWords(1300).train;
      const model = makeModel(backend());
      const whole = evaluatePairs(backend(), model, letters, pairs);
      const alone = Array.from({ length: 30 }, (_, i) => i * 37).map((i) => {
        const pair = {
          source: letters.source.decode(pairs.sources.row(i)),
          target: letters.target.decode(pairs.targets.row(i)),
        };
        const { loss } = evaluate([pair], model).scores;
        return { pair, sum: loss * (pair.target.length + 1), tokens: pair.target.length + 1 };
      });
      const some = evaluate(
        alone.map(({ pair }) => pair),
        model,
      ).scores;
      const total = alone.reduce((sum, { tokens }) => sum + tokens, 0);
      const unique = new Set(alone.map(({ pair }) => pair.source)).size;
      expect(some.count).toBe(unique);
      expect(some.loss).toBeCloseTo(alone.reduce((sum, one) => sum + one.sum, 0) / total, 6);
      expect(whole.perplexity).toBeCloseTo(Math.exp(whole.loss), 12);
      const questions = new Set(Array.from({ length: pairs.count }, (_, i) => pairs.sources.row(i).join()));
      expect(whole.count).toBe(questions.size);
    });
  });

  describe("predicting", () => {
    test("answers a text as if it were alone, among longer ones and longer than training saw too", () => {
      const model = makeModel(backend());
      const long = "abcdefg".repeat(6);
      const inputs = [...QUESTIONS, long, "gfedcba".repeat(3), "b"];
      const together = predict(backend(), model, letters, inputs);
      expect(together.map(({ input }) => input)).toEqual(inputs);
      for (const [i, input] of inputs.entries())
        expect(predict(backend(), model, letters, [input])).toEqual([together[i]]);
    });

    test("an answer that does not end is ended at the longest of training, or in proportion to a longer text", () => {
      const model = makeModel(backend());
      const bias = model.params.find(({ name }) => name === "decoder.linear.bias");
      bias?.value.data.fill(-1000, letters.target.end, letters.target.end + 1);
      const lengths = (...inputs: string[]) => predictionsOf(backend(), model, inputs).map(({ length }) => length);
      expect(lengths("", "a", "abcdefgabcde")).toEqual([12, 12, 12]); // 13 with the mark
      expect(lengths("a".repeat(25), "a", "a".repeat(38))).toEqual([24, 12, 36]);
    });

    test("scores an answer by the logarithm of its probability, its end among it", () => {
      const model = makeModel(backend());
      const answer = predict(backend(), model, letters, ["fa"])[0] ?? { output: "", score: 0 };
      const { loss } = evaluate([{ source: "fa", target: answer.output }], model).scores;
      expect(answer.score).toBeCloseTo(-loss * (answer.output.length + 1), 5);
    });
  });
});

test("long texts are asked a few at a time: memory is that of 2¹⁵ tokens, not of 500 texts", () => {
  const backend = openReference();
  const tokenizer = new EosPairs(letters.source.tokenizer, letters.target.tokenizer, { source: 1201, target: 1 });
  const { model } = makeLetterModel(backend, { decoder: "plain", hiddenSize: 2, embeddingSize: 1 });
  const before = backend.arena.bytes;
  predict(
    backend,
    model,
    tokenizer,
    Array.from({ length: 40 }, (_, i) => "abcdefg"[i % 7]?.repeat(1200) ?? ""),
  );
  // Of each of 27 texts of 1,201 tokens: hs, cs, gates of 6·2 floats, and the tokens themselves.
  expect(backend.arena.bytes - before).toBeLessThan(27 * 1201 * 4 * 16);
});

test("an evaluation after another takes no more memory", () => {
  const backend = openReference();
  const { model } = makeLetterModel(backend, { attentionalHidden: true, inputFeeding: true });
  const { test: pairs } = reversedWords(600);
  const evaluate = () => evaluatePairs(backend, model, letters, pairs).loss;
  const loss = [1, 2].map(evaluate)[0];
  const { bytes } = backend.arena;
  expect(evaluate()).toBe(loss);
  expect(backend.arena.bytes).toBe(bytes);
});
