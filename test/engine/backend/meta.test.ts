import { expect, test } from "vitest";
import { openMeta } from "../../../src/engine/backend/meta.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { LanguageModel } from "../../../src/models/language-model.js";
import { Seq2Seq } from "../../../src/models/seq2seq.js";
import { pairConfig, pairKinds } from "../../helpers/pair-models.js";

test.each(pairKinds)("a model on it has the names and shapes of the real one: %s", (_, given) => {
  const describe = ({ params }: Seq2Seq) => params.map(({ name, value, grad }) => [name, value.shape, grad.shape]);
  const [drawn, real] = [openMeta(), openReference()].map((backend) => new Seq2Seq(backend, pairConfig(given)));
  expect(drawn && describe(drawn)).toEqual(real && describe(real));
  expect(drawn?.params.length).toBeGreaterThan(8);
});

test("models larger than any memory take none", () => {
  const backend = openMeta();
  const before = backend.arena.bytes;
  const sizes = { sourceVocabSize: 2 ** 40, targetVocabSize: 2 ** 40, embeddingSize: 2 ** 30, hiddenSize: 2 ** 30 };
  for (const [, given] of pairKinds) new Seq2Seq(backend, pairConfig({ ...given, ...sizes, layers: 16 }));
  const text = {
    vocabSize: 2 ** 40,
    embeddingSize: 2 ** 30,
    hiddenSize: 2 ** 30,
    layers: 16,
    dropout: 0.5,
    tieWeights: "output" as const,
  };
  const model = new LanguageModel(backend, { kind: "language-model", cell: "gru", ...text });
  expect(model.params.map(({ value }) => value.size)).toContain(2 ** 70);
  expect(backend.arena.bytes).toBe(before);
  expect(backend.arena.buffer.byteLength).toBe(0);
});
