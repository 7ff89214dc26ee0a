import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import { writeModel } from "../../src/files/model-file.js";
import { readSafetensors } from "../../src/files/safetensors.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { expectSeq2Seq, readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { EosPairs } from "../../src/tasks/pairs/text-codec.js";
import { Words } from "../../src/text/words.js";
import { expectSameBits } from "../helpers/close.js";
import { expectError } from "../helpers/errors.js";
import { letters, makeLetterModel } from "../helpers/letters.js";
import { changeFile, makeModelFile } from "../helpers/models.js";

const damaged = "the file is damaged";
const combined = { decoder: "attention", attentionalHidden: true } as const;
const restore = (bytes: Uint8Array) => restoreModel(openReference(), readModel("a", bytes));

/** A file whose configuration says something else; undefined takes an entry away. */
function reconfigured(bytes: Uint8Array, change: Record<string, unknown>): Uint8Array {
  const config: unknown = JSON.parse(readSafetensors("a", bytes).metadata["config"] ?? "");
  return changeFile(bytes, { config: JSON.stringify(Object.assign({}, config, change)) });
}

describe("a file of a model of pairs of any length", () => {
  test.each([
    { attentionScore: "dot" as const },
    { attentionScore: "general" as const, bidirectional: true, layers: 2, initCell: true },
    { attentionScore: "additive" as const, cell: "gru" as const, reverse: true, dropout: 0.25 },
    { ...combined, inputFeeding: true, tieWeights: "output" as const },
    { ...combined, tieWeights: "all" as const },
    { decoder: "plain" as const, tieWeights: "all" as const, embeddingSize: 8 },
  ])("gives back the same model, tokenizer and answers: %o", (shape) => {
    const backend = openReference();
    const saved = makeLetterModel(backend, shape);
    const bytes = writeModel(saved);
    const again = expectSeq2Seq("a", restoreModel(backend, readModel("a", bytes)));
    expect(again.model.config).toEqual(saved.model.config);
    expect(again.model.config).toMatchObject(shape);
    expect(again.tokenizer).toEqual(letters);
    const names = saved.model.params.map(({ name }) => name);
    expect(again.model.params.map(({ name }) => name)).toEqual(names);
    expect([...readSafetensors("a", bytes).tensors.keys()].sort()).toEqual(names.sort());
    for (const [i, { name, value }] of saved.model.params.entries())
      expectSameBits(name, again.model.params[i]?.value.data, value.data);
    const [before, after] = [saved, again].map(({ model }) => predict(backend, model, letters, ["", "abcdefg", "gg"]));
    expect(after).toEqual(before);
  });

  test("with words on one side and letters on the other", () => {
    const words = new Words(["the", "cat", "<unk>"]);
    const tokenizer = new EosPairs(words, letters.target.tokenizer, { source: 4, target: 9 });
    const backend = openReference();
    const model = Seq2Seq.for(backend, { tokenizer }, { ...combined, embeddingSize: 3, hiddenSize: 4 }).initialize(1);
    const again = expectSeq2Seq("a", restore(writeModel({ model, tokenizer })));
    expect(again.tokenizer).toEqual(tokenizer);
    expect(again.model.config).toMatchObject({ sourceVocabSize: 4, targetVocabSize: 8 });
  });

  test("names attention and the layers of both ways", () => {
    const given = { attentionScore: "additive", bidirectional: true, layers: 2, attentionalHidden: true } as const;
    const { tensors } = readModel("a", writeModel(makeLetterModel(openReference(), given)));
    const shapes = Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape.join("×")]));
    expect(shapes).toMatchObject({
      "encoder.lstm.weight_ih_l0": "16×6",
      "encoder.lstm.weight_ih_l0_reverse": "16×6",
      "encoder.lstm.weight_ih_l1_reverse": "16×8",
      "encoder.lstm.bias_l1_reverse": "16",
      "decoder.attention.key.weight": "8×8",
      "decoder.attention.query.weight": "8×8",
      "decoder.attention.query.bias": "8",
      "decoder.attention.vector": "1×8",
      "decoder.combine.weight": "8×16",
      "decoder.combine.bias": "8",
      "decoder.linear.weight": "8×8",
    });
  });

  test("of the time before attention is read as what it was", () => {
    const bytes = makeModelFile({ decoder: "peeky", initCell: true });
    const now = expectSeq2Seq("a", restore(bytes)).model.config;
    const { kind, decoder, reverse, initCell, sourceVocabSize, targetVocabSize, embeddingSize, hiddenSize } = now;
    const old = { kind, decoder, reverse, initCell, sourceVocabSize, targetVocabSize, embeddingSize, hiddenSize };
    const older = changeFile(bytes, { config: JSON.stringify(old) });
    const { model } = expectSeq2Seq("a", restore(older));
    expect(model.config).toEqual(now);
    expect(model.config).toEqual({
      ...old,
      ...{
        cell: "lstm",
        layers: 1,
        bidirectional: false,
        attentionScore: "dot",
        attentionalHidden: false,
        inputFeeding: false,
      },
      ...{ tieWeights: "none", dropout: 0, pyramidLayers: 0 },
    });
  });
});

describe("such a file is refused", () => {
  const bytes = writeModel(makeLetterModel(openReference(), { ...combined, attentionScore: "general" }));

  test.each([
    ["layers", 17],
    ["layers", 0],
    ["bidirectional", "yes"],
    ["attentionScore", "cosine"],
    ["tieWeights", true],
    ["dropout", 1],
    ["dropout", -0.1],
  ])("whose config has %s %o", (key, value) => {
    const message = `a: expected config.${key} as seqloom writes it, got something else.`;
    expectError(DataError, () => restore(reconfigured(bytes, { [key]: value })), message, damaged);
  });

  test.each([
    [{ layers: 2 }, "a: encoder.lstm.weight_ih_l1: expected shape (32, 8), got no such array."],
    [{ bidirectional: true }, "a: encoder.lstm.weight_ih_l0: expected shape (16, 6), got (32, 6)."],
    [{ attentionScore: "additive" }, "a: decoder.attention.query.weight: expected shape (8, 8), got no such array."],
    [{ inputFeeding: true }, "a: decoder.lstm.weight_ih_l0: expected shape (32, 14), got (32, 6)."],
    [{ attentionalHidden: false }, "a: decoder.linear.weight: expected shape (8, 16), got (8, 8)."],
    [{ tieWeights: "output" }, "a: decoder.combine.weight: expected shape (6, 16), got (8, 16)."],
    [{ cell: "gru" }, "a: encoder.gru.weight_ih_l0: expected shape (24, 6), got no such array."],
    [
      { attentionalHidden: false, inputFeeding: true },
      "a: Seq2Seq: inputFeeding: expected attentionalHidden, got none.",
    ],
    [{ bidirectional: true, hiddenSize: 7 }, "a: Seq2Seq: bidirectional: expected an even hidden size, got 7."],
  ])("that claims %o", (change, message) => {
    expectError(DataError, () => restore(reconfigured(bytes, change)), message, damaged);
  });

  test("that claims sizes that fill any memory, before it asks for any", () => {
    const huge = [
      { hiddenSize: 2 ** 30, layers: 16, bidirectional: true },
      { hiddenSize: 2 ** 40, inputFeeding: true },
      { embeddingSize: 2 ** 45, tieWeights: "all" },
    ];
    for (const change of huge) {
      const backend = openReference();
      const before = backend.arena.bytes;
      expect(() => restoreModel(backend, readModel("a", reconfigured(bytes, change)))).toThrow(/^a: .*expected shape/);
      expect(backend.arena.bytes).toBe(before);
    }
    const vocabulary = { sourceVocabSize: 2 ** 40, targetVocabSize: 2 ** 40 };
    const message = "a: expected vocabularies of the tokenizer's sizes.";
    expectError(DataError, () => restore(reconfigured(bytes, vocabulary)), message, damaged);
  });
});
