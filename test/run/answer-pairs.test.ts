import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { answerPairs } from "../../src/run/answer-pairs.js";
import { evaluatePairs, measuresFor, pairMeasures, scorePairs } from "../../src/run/evaluate.js";
import { encodePairs, type Pair } from "../../src/tasks/pairs/pairs.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";
import { Words } from "../../src/text/words.js";
import { makeModel, sums } from "../helpers/models.js";
import { drawTexts, trainTextModel } from "../helpers/text-model.js";

const backend = openReference();
const texts = [...new Set(drawTexts(60))].slice(0, 20);

/** A set in which the model's own answers are the reference, changed. */
async function answered(change: (output: string, i: number) => readonly string[]) {
  const { model, tokenizer } = await trainTextModel(backend);
  const pairs = predict(backend, model, tokenizer, texts).flatMap(({ input, output }, i): Pair[] =>
    change(output, i).map((target) => ({ source: input, target })),
  );
  const set = encodePairs(tokenizer, pairs, { keepTexts: true });
  return { model, tokenizer, set };
}

describe("scores of answers", () => {
  test("are perfect where every answer is the reference", async () => {
    const { model, tokenizer, set } = await answered((output) => [output]);
    const measures = measuresFor(tokenizer);
    expect(measures).toEqual(["exactMatch", "positionAccuracy", "errorRate", "bleu", "chrf", "loss", "perplexity"]);
    const scores = evaluatePairs(backend, model, tokenizer, set, { measures });
    expect(scores).toMatchObject({ count: 20, exactMatch: 1, positionAccuracy: 1, errorRate: 0 });
    expect(scores.chrf).toBeCloseTo(100, 9);
    expect(scores.perplexity).toBeCloseTo(Math.exp(scores.loss), 12);
  });

  test("count edits per token of the reference, without the end of sequence", async () => {
    const { model, tokenizer, set } = await answered((output, i) => [i < 5 ? `${output}aa` : output]);
    const letters = set.texts?.map(({ target }) => target).join("").length ?? 0;
    const { exactMatch, errorRate } = evaluatePairs(backend, model, tokenizer, set, { measures: ["errorRate"] });
    expect(exactMatch).toBe(0.75);
    expect(errorRate).toBeCloseTo(10 / letters, 12);
  });

  test("hold an answer against all that are true of its question, and ask it once", async () => {
    const { model, tokenizer, set } = await answered((output) => ["dddd", output, "cc"]);
    expect(set.count).toBe(60);
    const all = answerPairs(backend, model, tokenizer, set);
    expect(all.map(({ row }) => row)).toEqual(texts.map((_, i) => 3 * i));
    expect(all.map(({ references }) => references.length)).toEqual(texts.map(() => 3));
    const scores = evaluatePairs(backend, model, tokenizer, set, { measures: ["errorRate"] });
    expect(scores).toMatchObject({ count: 20, exactMatch: 1, positionAccuracy: 1, errorRate: 0 });
    expect(all.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(set.targets.ids.length - 60);
  });

  test("show the true answer that was hit, or else the first", async () => {
    const { model, tokenizer, set } = await answered((output, i) => (i < 10 ? ["dddd", output] : ["dddd", "cc"]));
    const { samples } = evaluatePairs(backend, model, tokenizer, set);
    expect(samples).toHaveLength(10);
    for (const { reference, prediction } of samples) expect(reference).toBe(prediction);
    const { set: wrong } = await answered(() => ["dddd", "cc"]);
    expect(evaluatePairs(backend, model, tokenizer, wrong).samples[0]?.reference).toBe("dddd");
  });

  test("are those of the answers that options ask for", async () => {
    const { model, tokenizer, set } = await answered((output) => [output]);
    const beam = evaluatePairs(backend, model, tokenizer, set, { beam: 6, lengthPenalty: 0 });
    expect(beam.exactMatch).toBeLessThan(1);
    const short = evaluatePairs(backend, model, tokenizer, set, { maxLength: 1 });
    expect(short.loss).toBe(beam.loss);
    for (const { prediction } of short.samples) expect(prediction.length).toBeLessThan(2);
  });

  test("are those of a part of the questions from its sums alone", async () => {
    const { model, tokenizer, set } = await answered((output, i) => [i % 2 === 0 ? output : `${output}b`]);
    const even = answerPairs(backend, model, tokenizer, set).filter((_, i) => i % 2 === 0);
    expect(scorePairs(even, ["exactMatch", "errorRate"], pairMeasures())).toEqual({ exactMatch: 1, errorRate: 0 });
  });
});

describe("what a model cannot know", () => {
  const words = new Words(["<unk>", "yes", "no"], { lines: false });
  const tokenizer = new EosPairs(new Characters([..."ab"]), words, { source: 3, target: 3 });
  const model = Seq2Seq.for(backend, { tokenizer }, { hiddenSize: 4, embeddingSize: 3 }).initialize(1);
  const bias = model.params.find(({ name }) => name === "decoder.linear.bias");
  bias?.value.data.set([50, 0, 0, -50]); // it always says <unk>

  test("is never right, though the model says that it does not know either", () => {
    const pairs = [{ source: "ab", target: "maybe maybe" }];
    const kept = encodePairs(tokenizer, pairs, { keepTexts: true });
    const measures = ["errorRate", "bleu", "chrf"] as const;
    const scores = evaluatePairs(backend, model, tokenizer, kept, { measures, maxLength: 2 });
    expect(scores).toMatchObject({ exactMatch: 0, positionAccuracy: 0, errorRate: 1, bleu: 0 });
    expect(scores.samples).toEqual([{ question: "ab", reference: "maybe maybe", prediction: "<unk> <unk>" }]);
    const [{ references } = { references: [] }] = answerPairs(backend, model, tokenizer, encodePairs(tokenizer, pairs));
    expect(references).toEqual([{ tokens: [-1, -1], text: "<unk> <unk>" }]);
  });
});

describe("sources that a model reads alike", () => {
  const words = new Words(["<unk>", "who", "is"], { lines: false });
  const tokenizer = new EosPairs(words, new Characters([..."ab"]), { source: 3, target: 2 });
  const model = Seq2Seq.for(backend, { tokenizer }, { hiddenSize: 4, embeddingSize: 3 }).initialize(1);
  const bias = model.params.find(({ name }) => name === "decoder.linear.bias");
  bias?.value.data.set([50, 0, 25]); // it always says a

  test("are questions of their own: an answer that is true of one is not true of another", () => {
    const pairs = Array.from({ length: 20 }, (_, i) => ({
      source: `who is name${i}`,
      target: i % 4 === 0 ? "a" : "b",
    }));
    const set = encodePairs(tokenizer, [...pairs, { source: "who is name1", target: "a" }], {
      keepTexts: true,
    });
    const scores = evaluatePairs(backend, model, tokenizer, set, { maxLength: 1 });
    expect(scores).toMatchObject({ count: 20, exactMatch: 6 / 20 });
    expect(scores.samples.slice(0, 2)).toEqual([
      { question: "who is name0", reference: "a", prediction: "a" },
      { question: "who is name1", reference: "a", prediction: "a" },
    ]);
    expect(scores.samples[2]).toEqual({ question: "who is name2", reference: "b", prediction: "a" });
  });
});

describe("sums of fixed width", () => {
  test("count without the blanks that fill them, each row by itself", () => {
    const { model, tokenizer } = makeModel(backend);
    const rows = [
      { source: "1+2", target: "_3 " },
      { source: "1+2", target: "_4 " },
    ];
    const all = answerPairs(backend, model, tokenizer, encodePairs(tokenizer, rows));
    expect(all.map(({ references }) => references)).toEqual([
      [{ tokens: [3], text: "3" }],
      [{ tokens: [4], text: "4" }],
    ]);
    expect(all.map(({ tokens }) => tokens)).toEqual([2, 2]);
    expect(measuresFor(sums.tokenizer)).toEqual(["exactMatch", "positionAccuracy", "errorRate", "loss", "perplexity"]);
  });
});
