import { beforeAll, describe, expect, test } from "vitest";
import { AllowedWords } from "../../src/decode/allowed-words.js";
import type { AnswerOptions } from "../../src/decode/answer.js";
import { forcedScores } from "../../src/decode/forced-scores.js";
import { type Prediction, predict } from "../../src/decode/predict.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError, OptionError } from "../../src/engine/errors.js";
import { Seq2Seq, type Seq2SeqShape } from "../../src/models/seq2seq.js";
import { evaluatePairs } from "../../src/run/evaluate.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { decodePairs, encodePairs } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";
import { describeBackends } from "../helpers/backends.js";
import { expectError } from "../helpers/errors.js";
import { makeModel, sums } from "../helpers/models.js";
import { drawTexts, trainTextModel } from "../helpers/text-model.js";

const shapes: readonly (readonly [string, Seq2SeqShape])[] = [
  ["plain", { decoder: "plain" }],
  ["peeky, reversed, two layers", { decoder: "peeky", reverse: true, layers: 2 }],
  ["attention", { reverse: true, initCell: true }],
  [
    "additive attention, both ways",
    { attentionScore: "additive", attentionalHidden: true, bidirectional: true, cell: "gru" },
  ],
  ["input feeding", { attentionScore: "general", attentionalHidden: true, inputFeeding: true, layers: 2 }],
];
const texts = drawTexts(40);

/** Asks a model that has been trained a little. */
function asking(backend: () => Backend, shape: Seq2SeqShape = {}) {
  let saved: SavedSeq2Seq | undefined;
  beforeAll(async () => {
    saved = await trainTextModel(backend(), shape);
  });
  const opened = () => {
    if (!saved) throw new Error("expected a model");
    return saved;
  };
  return {
    opened,
    ask(inputs: readonly string[], options: AnswerOptions = {}): Prediction[] {
      const { model, tokenizer } = opened();
      return predict(backend(), model, tokenizer, inputs, options);
    },
  };
}

describeBackends((backend) => {
  describe.each(shapes)("a model of the kind %s", (_, shape) => {
    const { ask, opened } = asking(backend, shape);

    test.each([7, 2])("answers by a search with a beam of 1 as greedily, in %d tokens at most", (maxLength) => {
      const greedy = ask(texts, { maxLength });
      const searched = ask(texts, { maxLength, noRepeatNgram: 1000 }); // never reached, but it takes the way of the search
      expect(searched.map(({ output }) => output)).toEqual(greedy.map(({ output }) => output));
      for (const [i, { score }] of searched.entries()) expect(score).toBeCloseTo(greedy[i]?.score ?? 0, 5);
      expect(new Set(greedy.map(({ output }) => output)).size).toBeGreaterThan(7);
      for (const { output } of greedy) expect(output.length).toBeLessThanOrEqual(maxLength);
    });

    test("scores what a search has found as it scores the same answers when they are given", () => {
      const { model, tokenizer } = opened();
      const found = ask(texts, { beam: 4, nBest: 3 }).flatMap(({ input: source, output, score, others = [] }) =>
        [{ output, score }, ...others].map((each) => ({ source, target: each.output, score: each.score })),
      );
      expect(found).toHaveLength(3 * texts.length);
      for (const [i, score] of forcedScores(backend(), model, encodePairs(tokenizer, found)).entries())
        expect(score).toBeCloseTo(found[i]?.score ?? 0, 4);
    });

    test.each([
      ["greedily", {}],
      ["by beam search", { beam: 3, nBest: 2, keepAttention: true }],
      ["by chance", { temperature: 1.5, seed: 7 }],
    ])("answers a text alone as among others: %s", (_name, options) => {
      const together = ask(texts, options);
      expect(together.map(({ input }) => input)).toEqual(texts);
      for (const i of [0, 1, 17, 39]) expect(ask([texts[i] ?? ""], { ...options, first: i })).toEqual([together[i]]);
    });

    test("finds likelier answers with a beam, where length does not count", () => {
      const [greedy, searched] = [ask(texts), ask(texts, { beam: 8, lengthPenalty: 0 })];
      const gains = searched.map(({ score }, i) => score - (greedy[i]?.score ?? 0));
      expect(gains.filter((gain) => gain < -1e-4).length).toBeLessThan(4); // a beam can lose the greedy way
      expect(gains.filter((gain) => gain > 1e-3).length).toBeGreaterThan(1);
    });
  });

  describe("a model with attention", () => {
    const { ask } = asking(backend);

    test("looks with each token of an answer at the tokens of its own text, 1 in all", () => {
      for (const { input, output, attention } of ask(texts, { keepAttention: true })) {
        expect(attention?.source).toEqual([...input, "⏎"]);
        expect(attention?.target).toEqual([...output]);
        expect(attention?.weights).toHaveLength(output.length);
        for (const row of attention?.weights ?? []) {
          expect(row).toHaveLength(input.length + 1);
          expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
        }
      }
    });

    test("answers 300 texts of many lengths in order, with a beam of 5", () => {
      const many = drawTexts(300, 2);
      const answers = ask(many, { beam: 5 });
      expect(answers.map(({ input }) => input)).toEqual(many);
      const byText = new Map(answers.map(({ input, output }) => [input, output]));
      expect(byText.size).toBeGreaterThan(150);
      for (const { input, output } of answers) expect(output).toBe(byText.get(input));
    });
  });
});

describe("answers", () => {
  const backend = openReference();
  const { ask, opened } = asking(() => backend);
  const outputs = (options: AnswerOptions) => ask(texts, options).map(({ output }) => output);
  const lengths = (answers: readonly Prediction[]) => answers.map(({ output }) => output.length);

  test("are no longer than in training, or in proportion where the text is longer, which they say", () => {
    const long = "abcd".repeat(6); // 25 tokens with the end of sequence; in training 8 at most, and as many in an answer
    const drawn = ask(
      Array.from({ length: 300 }, (_, i) => (i % 2 === 0 ? "abcd" : long)),
      { temperature: 100, minLength: 7 },
    );
    const longest = (text: string) => Math.max(...lengths(drawn.filter(({ input }) => input === text)));
    expect([longest("abcd"), longest(long)]).toEqual([7, 22]); // ⌈7 · 25 / 8⌉
    const [short, longer] = ask(["abcdabc", "abcdabcd"]);
    expect(short).not.toHaveProperty("isLong");
    expect(longer?.isLong).toBe(true);
  });

  test("are given to a text so long that the length in proportion is more than a search takes", () => {
    const letters = new Characters([..."ab"]);
    const tokenizer = new EosPairs(letters, letters, { source: 2, target: 50 });
    const model = Seq2Seq.for(backend, { tokenizer }, { hiddenSize: 4, embeddingSize: 3 }).initialize(1);
    model.params.find(({ name }) => name === "decoder.linear.bias")?.value.data.set([0, 0, 50]); // it ends at once
    for (const beam of [1, 2]) {
      const [answer] = predict(backend, model, tokenizer, ["a".repeat(50_000)], { beam }); // ⌈49 · 50,001 / 2⌉ = 1,225,025
      expect(answer).toMatchObject({ output: "", isLong: true });
      expect(answer?.score).toBeCloseTo(0, 9);
    }
  });

  test("say where they are cut off, with the score of their beginning", () => {
    const constraint = new AllowedWords(["abba", "cab"], opened().tokenizer.target);
    const [cut] = ask(["abcd"], { constraint, minLength: 3, maxLength: 3, suppress: [2, 4] }); // abb is no word
    expect(cut).toMatchObject({ output: "", score: 0, isCut: true });
    expect(ask(["abcd"], { constraint, minLength: 4, maxLength: 4, suppress: [2, 4] })[0]).not.toHaveProperty("isCut");
    expect(ask(["abcd"])[0]).not.toHaveProperty("isCut");
  });

  test("have no fewer and no more tokens than they may, more than in training too", () => {
    expect(new Set(lengths(ask(texts, { minLength: 3, maxLength: 4 })))).toEqual(new Set([3, 4]));
    expect(new Set(lengths(ask(texts, { minLength: 20 })))).toEqual(new Set([20]));
  });

  test("have no token that is skipped", () => {
    expect(outputs({}).filter((output) => output.includes("a")).length).toBeGreaterThan(10);
    expect(outputs({ suppress: [0] }).filter((output) => output.includes("a"))).toEqual([]);
  });

  test("are made of listed words", () => {
    const constraint = new AllowedWords(["abba", "cab"], opened().tokenizer.target);
    const written = outputs({ constraint, beam: 3, minLength: 1 }).flatMap((output) => output.split(/ +/));
    expect(outputs({}).join()).not.toContain("abba");
    expect(new Set(written)).toEqual(new Set(["", "abba", "cab"]));
  });

  test("come with the next best where several are asked for, the best first, none twice", () => {
    for (const { output, score, others = [] } of ask(texts, { beam: 5, nBest: 4, lengthPenalty: 0 })) {
      expect(others).toHaveLength(3);
      expect(new Set([output, ...others.map((other) => other.output)]).size).toBe(4);
      const scores = [score, ...others.map((other) => other.score)];
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    }
    expect(ask(texts, { beam: 5 })[0]).not.toHaveProperty("others");
  });

  test("to nothing are none, and none is given where one text cannot be read", () => {
    const { model } = makeModel(backend);
    expect(predict(backend, model, sums.tokenizer, [])).toEqual([]);
    const message = '"2x3", character 2: expected one of the 13 characters the model has seen, got "x".';
    expectError(DataError, () => predict(backend, model, sums.tokenizer, ["1+2", "2x3"]), message);
  });

  test("are refused where options contradict each other, or ask for what the model has not", async () => {
    const refused: [AnswerOptions, string][] = [
      [{ nBest: 2 }, "nBest: expected at most the beam size, 1, got 2."],
      [{ maxLength: 0 }, "maxLength: expected at least 1, got 0."],
      [{ minLength: 5, maxLength: 4 }, "minLength: expected at most maxLength, 4, got 5."],
      [{ beam: 2, topK: 3 }, "beam: expected 1 with temperature, topK or topP, got 2."],
    ];
    for (const [options, message] of refused) expectError(OptionError, () => ask(["a"], options), `search: ${message}`);
    const { model, tokenizer } = await trainTextModel(backend, { decoder: "plain" });
    const message = "search: coveragePenalty: expected a model with attention, got one without.";
    expectError(OptionError, () => predict(backend, model, tokenizer, ["a"], { coveragePenalty: 1 }), message);
  });
});

describe("a forced score", () => {
  const backend = openReference();

  test("of a sum is that of its filled answer, with or without the start character", () => {
    const { model, tokenizer } = makeModel(backend);
    const [best] = predict(backend, model, tokenizer, ["1+2"]);
    const target = best?.output ?? "";
    const pairs = [target, `_${target}`].map((each) => ({ source: "1+2", target: each }));
    const [score, again] = forcedScores(backend, model, encodePairs(tokenizer, pairs));
    expect(score).toBeCloseTo(best?.score ?? 0, 5);
    expect(again).toBe(score);
  });

  test("is the sum of the losses of the tokens", () => {
    const { model, tokenizer } = makeModel(backend);
    const pairs = decodePairs(tokenizer, sums.train).map(({ source: question, target: answer }) => ({
      source: question,
      target: answer,
    }));
    const scores = forcedScores(backend, model, encodePairs(tokenizer, pairs));
    const { loss } = evaluatePairs(backend, model, tokenizer, sums.train);
    expect(scores).toHaveLength(49);
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeCloseTo(-loss * 49 * 2, 4);
  });

  test("of every answer of up to two letters is the probability that no answer is longer", async () => {
    const { model, tokenizer } = await trainTextModel(backend);
    const letters = [..."abcd "];
    const short = ["", ...letters, ...letters.flatMap((a) => letters.map((b) => a + b))];
    const pairs = short.map((target) => ({ source: "ab", target }));
    const total = forcedScores(backend, model, encodePairs(tokenizer, pairs)).reduce(
      (sum, score) => sum + Math.exp(score),
      0,
    );
    expect(total).toBeGreaterThan(0.1);
    expect(total).toBeLessThan(1);
    expect(forcedScores(backend, model, encodePairs(tokenizer, []))).toEqual([]);
  });
});
