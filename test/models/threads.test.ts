import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openBackend } from "../../src/node/backend.js";
import { hasAddon, instructionSets, openNativeWith } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { letters } from "../helpers/letters.js";
import { runPictures, runSums, runText, runWords, type SmallRun } from "../helpers/small-runs.js";

const skips = !hasAddon && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";

const engines = [
  ["native", skips, async (threads: number) => openNativeWith(instructionSets[0] ?? "", threads)],
  ["wasm", false, (threads: number) => openBackend("wasm", { threads })],
] as const;
const feeding = { attentionScore: "additive", inputFeeding: true, tieWeights: "all" } as const;
const models = [
  ["a peeky seq2seq", (backend: Backend) => runSums(backend, { embeddingSize: 13, hiddenSize: 83 })],
  [
    "a seq2seq that reads both ways and looks",
    (backend: Backend) => runWords(backend, { embeddingSize: 13, hiddenSize: 66 }),
  ],
  [
    "a seq2seq of GRUs with additive attention, input feeding and all tied",
    (backend: Backend) =>
      runWords(backend, { ...feeding, cell: "gru", embeddingSize: 13, hiddenSize: 66 }, 48, { scheduledSampling: 0.5 }),
  ],
  ["a captioner that looks", (backend: Backend) => runPictures(backend)],
  [
    "a captioner with a first step",
    (backend: Backend) => runPictures(backend, { decoder: "plain", attentionalHidden: false, first: "step" }),
  ],
  ["a language model of two layers with dropout and a tied weight", (backend: Backend) => runText(backend)],
] as const;

/** The losses of 20 steps, and the weights after them. */
async function train(backend: Backend, make: (backend: Backend) => SmallRun) {
  const run = make(backend);
  const losses = await run.train(20);
  const weights = run.params.map(({ name, value }) => ({ name, values: value.data.slice() }));
  backend.close();
  return { losses, weights };
}

describe.each(engines)("%s: 20 steps give the same weights with 1, 2, 3 and 8 threads", (_, isSkipped, open) => {
  test.skipIf(isSkipped).each(models)("%s", async (_name, make) => {
    const one = await train(await open(1), make);
    expect(one.losses.at(-1)).toBeLessThan(one.losses[0] ?? 0);
    for (const threads of [2, 3, 8]) {
      const more = await train(await open(threads), make);
      expect(more.losses).toEqual(one.losses);
      for (const [i, { name, values }] of one.weights.entries()) expectSameBits(name, more.weights[i]?.values, values);
    }
  });
});

describe.each(engines)("%s: answers are the same with 1 and 3 threads", (_, isSkipped, open) => {
  test.skipIf(isSkipped).each([
    ["attention", {}],
    ["additive attention and input feeding", { attentionScore: "additive", inputFeeding: true }],
  ] as const)("%s", async (_name, shape) => {
    const words = Array.from({ length: 60 }, (_word, i) => "gfedcba".repeat(2).slice(i % 7, 7 + (i % 8)));
    const answers = [1, 3].map(async (threads) => {
      const backend = await open(threads);
      const { model, train } = runWords(backend, { embeddingSize: 40, hiddenSize: 130, ...shape });
      await train(3);
      const own = predict(backend, model, letters, words);
      backend.close();
      return own;
    });
    const [one, three] = await Promise.all(answers);
    expect(new Set(one?.map(({ score }) => score)).size).toBeGreaterThan(10);
    expect(three).toEqual(one);
  });
});
