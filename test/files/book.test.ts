import { describe, expect, test } from "vitest";
import { generateIds } from "../../src/decode/generate.js";
import { Sampler } from "../../src/decode/sampler.js";
import { DataError } from "../../src/engine/errors.js";
import { importBook } from "../../src/files/book.js";
import { loadArrays } from "../../src/files/model-file.js";
import { NumpyArray } from "../../src/files/numpy-array.js";
import { readPickle } from "../../src/files/pickle.js";
import { LanguageModel } from "../../src/models/language-model.js";
import { nodePorts } from "../../src/node/data-files.js";
import { evaluateText } from "../../src/run/perplexity.js";
import { loadText } from "../../src/tasks/texts/texts.js";
import { describeBackends } from "../helpers/backends.js";
import { readData, skipWithoutData } from "../helpers/data.js";
import { expectError } from "../helpers/errors.js";

const ptb = { tokenizer: "words", vocabSize: 10_000 } as const;

describe.skipIf(skipWithoutData("book/Rnnlm.pkl", "ptb/ptb.test.txt"))("the book's weights", () => {
  describeBackends((backend, { name }) => {
    test("continue `you` greedily as in the book, and give its perplexity", async () => {
      const { config, tensors } = importBook("Rnnlm.pkl", readPickle(readData("book/Rnnlm.pkl")));
      const model = new LanguageModel(backend(), config);
      loadArrays({ name: "Rnnlm.pkl", tensors }, model.params);
      const { tokenizer, test: text } = await loadText("ptb", ptb, nodePorts());
      const sampler = new Sampler({ greedy: true });
      const ids = [...generateIds(model, { prompt: [tokenizer.idOf("you")], maxTokens: 9, sampler })];
      expect(ids.map((id) => tokenizer.token(id)).join(" ")).toBe("'re going to be <unk> <eos> the <unk> <unk>");
      // The reference takes minutes for it, and the baseline instruction set seconds: one backend measures.
      if (name !== "native AVX2") return;
      const { perplexity, count } = evaluateText(backend(), model, text, "book");
      expect(count).toBe(235 * 350);
      expect(Math.abs(perplexity - 136.0776)).toBeLessThan(0.001);
    });
  });
});

test("refuses a list of arrays that is no language model, and says which does not fit", () => {
  const array = (...shape: number[]): NumpyArray =>
    new NumpyArray(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const good = () => [array(5, 3), array(3, 8), array(2, 8), array(8), array(2, 5), array(5)];
  expect(importBook("a.pkl", good()).config).toMatchObject({
    layers: 1,
    vocabSize: 5,
    embeddingSize: 3,
    hiddenSize: 2,
    tieWeights: "none",
  });
  const short = good().slice(0, 4);
  const expected = "a.pkl: expected the list of arrays that the book's save_params writes, got something else.";
  expectError(DataError, () => importBook("a.pkl", short), expected);
  const wrong = [...good().slice(0, 3), array(7), ...good().slice(4)];
  expectError(DataError, () => importBook("a.pkl", wrong), "a.pkl: b 1: expected shape (8), got (7).");
});
