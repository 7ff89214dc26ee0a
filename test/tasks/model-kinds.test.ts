import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import { readSafetensors } from "../../src/files/safetensors.js";
import { expectLanguageModel, expectSeq2Seq, readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { expectError } from "../helpers/errors.js";
import { changeFile, makeModelFile, makeTextModelFile } from "../helpers/models.js";
import { makeTransferCaptioner } from "../helpers/shape-captioner.js";

const damaged = "the file is damaged";
const backend = openReference();
const restore = (bytes: Uint8Array) => restoreModel(backend, readModel("a", bytes));

/** A file whose configuration says something else. */
function reconfigured(bytes: Uint8Array, change: Record<string, unknown>): Uint8Array {
  const config: unknown = JSON.parse(readSafetensors("a", bytes).metadata["config"] ?? "");
  return changeFile(bytes, { config: JSON.stringify(Object.assign({}, config, change)) });
}

describe("a language model's file", () => {
  test.each([
    { cell: "lstm" as const, tieWeights: "none" as const, layers: 1 },
    { cell: "gru" as const, tieWeights: "none" as const, layers: 3 },
    { cell: "rnn" as const, tieWeights: "output" as const, layers: 2, hiddenSize: 2 },
  ])("gives back the same model: $cell, $layers layers, tied: $tieWeights", (config) => {
    const bytes = makeTextModelFile(config);
    const { model, tokenizer } = expectLanguageModel("a", restore(bytes));
    expect(model.config).toMatchObject(config);
    expect(tokenizer.encode("the dog sat\n")).toEqual([0, 3, 4, 2]);
    const { tensors } = readSafetensors("a", bytes);
    expect(new Map(model.params.map(({ name, value }) => [name, value.data]))).toEqual(
      new Map([...tensors].map(([name, { data }]) => [name, data])),
    );
    expect(tensors.has("linear.weight")).toBe(config.tieWeights === "none");
  });

  test.each([
    ["more layers than weights", { layers: 16 }, "a: lstm.weight_ih_l2: expected shape (12, 3), got no such array."],
    ["a hidden size", { hiddenSize: 2 ** 26 }, `a: lstm.weight_ih_l0: expected shape (${2 ** 28}, 2), got (12, 2).`],
    ["a vocabulary", { vocabSize: 2 ** 26 }, "a: expected vocabularies of the tokenizer's sizes."],
    ["a tied weight of other sizes", { tieWeights: "output" as const }, /^a: Linear.*$/],
  ])("is refused where it claims %s, before memory is asked for", (_, change, message) => {
    const before = backend.arena.bytes;
    const bytes = reconfigured(makeTextModelFile(), change);
    if (typeof message === "string") expectError(DataError, () => restore(bytes), message, damaged);
    else expect(() => restore(bytes)).toThrow(message);
    expect(() => restore(bytes)).toThrow(DataError);
    expect(backend.arena.bytes - before).toBeLessThan(20_000);
  });

  test("is refused without its last weight, however large the rest", () => {
    const bytes = changeFile(makeTextModelFile(), {}, (tensors) => {
      return new Map([...tensors].filter(([name]) => name !== "linear.weight"));
    });
    const before = backend.arena.bytes;
    expectError(
      DataError,
      () => restore(bytes),
      "a: linear.weight: expected shape (5, 3), got no such array.",
      damaged,
    );
    expect(backend.arena.bytes).toBe(before);
  });

  test("is refused where a layer count has no end, or words are none", () => {
    const message = "a: expected config.layers as seqloom writes it, got something else.";
    for (const layers of [0, 17, 2 ** 40, 1.5])
      expectError(DataError, () => restore(reconfigured(makeTextModelFile(), { layers })), message, damaged);
    const tokenizer = JSON.stringify({ type: "words", words: [1, 2, 3, 4, 5] });
    const words = "a: expected tokenizer.words.0 as seqloom writes it, got something else.";
    expectError(DataError, () => restore(changeFile(makeTextModelFile(), { tokenizer })), words, damaged);
  });
});

describe("any model's file", () => {
  test("is refused where its parts do not go together: a cell state without a cell", () => {
    const bytes = reconfigured(makeModelFile({ cell: "gru" }), { initCell: true });
    const message = "a: Seq2Seq: initCell: expected cell lstm, got gru.";
    expectError(DataError, () => restore(bytes), message, damaged);
  });

  test("is read where a score is not finite: JSON has null for it", () => {
    const record = { data: "x", seed: 1, epochs: 1, steps: 1, options: {} };
    const scores = { perplexity: Number.POSITIVE_INFINITY, exactMatch: 0.5 };
    const bytes = changeFile(makeModelFile(), { training: JSON.stringify({ ...record, scores }) });
    expect(restore(bytes).training?.scores).toEqual({ perplexity: Number.NaN, exactMatch: 0.5 });
  });

  test("says what it is where another kind was expected", () => {
    const seq2seq = "a: expected a language model, got a seq2seq model.";
    expectError(DataError, () => expectLanguageModel("a", restore(makeModelFile())), seq2seq, "seqloom predict");
    const captioner = makeTransferCaptioner(backend, "net.onnx");
    const pictures = "a: expected a language model, got a captioner.";
    expectError(DataError, () => expectLanguageModel("a", captioner), pictures, "seqloom predict");
    const text = "a: expected a seq2seq model, got a language model.";
    expectError(DataError, () => expectSeq2Seq("a", restore(makeTextModelFile())), text, "seqloom generate");
  });
});
