import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import type { NamedArray } from "../../src/files/dtypes.js";
import { writeModel } from "../../src/files/model-file.js";
import { readSafetensors, type Safetensors } from "../../src/files/safetensors.js";
import { evaluatePairs } from "../../src/run/evaluate.js";
import { expectSeq2Seq, readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { expectError } from "../helpers/errors.js";
import { changeFile, fileOf, makeModel, makeModelFile, sums } from "../helpers/models.js";

const good = makeModelFile();
const { metadata } = readSafetensors("good", good);
const damaged = "the file is damaged";

/** Reads a file and makes its model. */
function restore(bytes: Uint8Array) {
  return restoreModel(openReference(), readModel("a", bytes));
}

/** The good file with its tokenizer, or another part in JSON, changed. */
function changed(part: "tokenizer" | "config", change: Record<string, unknown>): Uint8Array {
  const before: unknown = JSON.parse(metadata[part] ?? "");
  return changeFile(good, { [part]: JSON.stringify(Object.assign({}, before, change)) });
}

/** The good file with one tensor of another shape, or without it. */
function reshaped(name: string, shape: readonly number[] | undefined): Uint8Array {
  const change = (tensors: Safetensors["tensors"]): Safetensors["tensors"] => {
    const others = new Map(tensors);
    others.delete(name);
    const size = shape?.reduce((product, n) => product * n, 1) ?? 0;
    return shape ? others.set(name, { shape, data: new Float32Array(size) }) : others;
  };
  return changeFile(good, {}, change);
}

describe("a model file", () => {
  const shapes = [
    { decoder: "plain" as const },
    { decoder: "peeky" as const, reverse: true },
    { decoder: "plain" as const, initCell: true, hiddenSize: 5 },
  ];

  test.each(shapes)("gives back the same model: $decoder $reverse $initCell", (shape) => {
    const backend = openReference();
    const saved = makeModel(backend, shape);
    const training = {
      ...{ data: "addition", seed: 4294967295, epochs: 3, steps: 12 },
      ...{ options: { learningRate: 0.001, reverse: true }, scores: { exactMatch: 0.25 } },
    };
    const again = expectSeq2Seq("a", restoreModel(backend, readModel("a", writeModel({ ...saved, training }))));
    expect(again.model.config).toEqual(saved.model.config);
    expect(again.tokenizer).toEqual(saved.tokenizer);
    expect(again.training).toEqual(training);
    expect(again.model.params.map(({ name }) => name)).toEqual(saved.model.params.map(({ name }) => name));
    for (const [i, { value }] of saved.model.params.entries()) {
      expect(again.model.params[i]?.value.shape).toEqual(value.shape);
      expect(again.model.params[i]?.value.data).toEqual(value.data);
    }
    const scores = [saved, again].map(({ model }) => evaluatePairs(backend, model, sums.tokenizer, sums.test));
    expect(scores[1]).toEqual(scores[0]);
  });

  test("names its weights as PyTorch does, gates and shapes too", () => {
    const { config, tensors } = readModel("a", makeModelFile({ decoder: "peeky", embeddingSize: 2, hiddenSize: 3 }));
    expect(config).toMatchObject({
      kind: "seq2seq",
      decoder: "peeky",
      embeddingSize: 2,
      hiddenSize: 3,
      sourceVocabSize: 13,
    });
    expect(Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape.join("×")]))).toEqual({
      "encoder.embedding.weight": "13×2",
      "encoder.lstm.weight_ih_l0": "12×2",
      "encoder.lstm.weight_hh_l0": "12×3",
      "encoder.lstm.bias_l0": "12",
      "decoder.embedding.weight": "13×2",
      "decoder.lstm.weight_ih_l0": "12×5",
      "decoder.lstm.weight_hh_l0": "12×3",
      "decoder.lstm.bias_l0": "12",
      "decoder.linear.weight": "13×6",
      "decoder.linear.bias": "13",
    });
  });

  test("holds the entries of the design, all of them text", () => {
    expect(metadata["format"]).toBe("seqloom");
    expect(metadata["version"]).toBe("2");
    expect(JSON.parse(metadata["config"] ?? "")).toMatchObject({ kind: "seq2seq", hiddenSize: 3 });
    expect(JSON.parse(metadata["tokenizer"] ?? "")).toMatchObject({ sourceWidth: 3, targetWidth: 3, start: "_" });
  });

  test("may hold more: another program's metadata and tensors", () => {
    const tensors = new Map([["more", { shape: [1], data: Float32Array.of(1) }]]);
    const bytes = changeFile(good, { note: "hello" }, (own) => new Map([...own, ...tensors]));
    expect(restore(bytes).model.config.hiddenSize).toBe(3);
  });
});

describe("a model file is refused", () => {
  test.each([
    ["of another program", { format: undefined }, "got a file of another program."],
    ["of another format", { format: "pt" }, 'got format "pt".'],
  ])("%s", (_, change, got) => {
    const message = `a: expected a model of seqloom, ${got}`;
    expectError(DataError, () => restore(changeFile(good, change)), message, "seqloom train writes");
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("with a weight of %s", (x) => {
    const name = "decoder.linear.bias";
    const spoil = (own: ReadonlyMap<string, NamedArray>) =>
      new Map([...own].map(([key, array]) => [key, key === name ? { ...array, data: array.data.with(-1, x) } : array]));
    const message = `a: ${name}: expected finite numbers, got others among them.`;
    expectError(DataError, () => restore(changeFile(good, {}, spoil)), message, "the model diverged");
  });

  test("that is a file of safetensors without metadata", () => {
    const message = "a: expected a model of seqloom, got a file of another program.";
    expectError(DataError, () => restore(fileOf({})), message);
  });

  test.each(["3", "2.5", "1e9", "Infinity"])("of the newer version %s", (version) => {
    const message = `a: expected version 2 or older, got ${version}.`;
    expectError(DataError, () => restore(changeFile(good, { version })), message, "update seqloom");
  });

  test.each([
    ["0", "0"],
    ["-1", "-1"],
    ["1.5", "1.5"],
    ["one", "one"],
    ["", ""],
    [undefined, "none"],
  ])("whose version is %o", (version, got) => {
    const message = `a: expected version 2 or older, got ${got}.`;
    expectError(DataError, () => restore(changeFile(good, { version })), message, damaged);
  });

  test.each(["config", "tokenizer"])("without %s, or with something else in its place", (part) => {
    const message = `a: expected ${part} as seqloom writes it, got`;
    expectError(DataError, () => restore(changeFile(good, { [part]: undefined })), `${message} none.`, damaged);
    for (const text of ["", "{", "null", "[]", "1", '"text"'])
      expectError(DataError, () => restore(changeFile(good, { [part]: text })), `${message} something else.`, damaged);
  });

  test("whose training record is something else", () => {
    const message = "a: expected training.data as seqloom writes it, got something else.";
    expectError(DataError, () => restore(changeFile(good, { training: "{}" })), message, damaged);
  });

  test.each([
    ["kind", "transformer"],
    ["decoder", "toString"],
    ["reverse", "false"],
    ["hiddenSize", 0],
    ["hiddenSize", 2.5],
    ["hiddenSize", "3"],
    ["embeddingSize", -2],
    ["sourceVocabSize", null],
  ])("whose config has %s %o", (key, value) => {
    const message = `a: expected config.${key} as seqloom writes it, got something else.`;
    expectError(DataError, () => restore(changed("config", { [key]: value })), message, damaged);
  });

  test.each([
    ["sourceWidth", 0],
    ["sourceWidth", 2 ** 40],
    ["targetWidth", 1],
    ["targetWidth", 10_001],
    ["source", null],
    ["start", "?"],
    ["start", ""],
    ["start", 1],
  ])("whose tokenizer has %s %o", (key, value) => {
    const message = `a: expected tokenizer.${key} as seqloom writes it, got something else.`;
    expectError(DataError, () => restore(changed("tokenizer", { [key]: value })), message, damaged);
  });

  test("whose vocabulary is not a list of different characters", () => {
    const message = "a: expected tokenizer.source.characters.0 as seqloom writes it, got something else.";
    const characters = [..."xyz123456789_"];
    for (const wrong of [1, "", "ab"]) {
      const source = { type: "characters", characters: [wrong, ...characters.slice(1)] };
      expectError(DataError, () => restore(changed("tokenizer", { source })), message, damaged);
    }
    const source = { type: "characters", characters: characters.with(1, "x") };
    expectError(DataError, () => restore(changed("tokenizer", { source })), message.replace(".0 ", " "), damaged);
  });

  test("whose tokenizer and config disagree on the vocabulary", () => {
    const source = { type: "characters", characters: ["a", "b"] };
    const message = "a: expected vocabularies of the tokenizer's sizes.";
    expectError(DataError, () => restore(changed("tokenizer", { source })), message, damaged);
  });

  test.each([
    "encoder.embedding.weight",
    "encoder.lstm.weight_ih_l0",
    "encoder.lstm.weight_hh_l0",
    "encoder.lstm.bias_l0",
    "decoder.embedding.weight",
    "decoder.lstm.weight_ih_l0",
    "decoder.lstm.weight_hh_l0",
    "decoder.lstm.bias_l0",
    "decoder.linear.weight",
    "decoder.linear.bias",
  ])("without %s, or with another shape of it", (name) => {
    const shape = readModel("a", good).tensors.get(name)?.shape ?? [];
    const expected = `a: ${name}: expected shape (${shape.join(", ")}), got`;
    expectError(DataError, () => restore(reshaped(name, undefined)), `${expected} no such array.`, damaged);
    const flipped = [...shape.toReversed(), 1];
    const message = `${expected} (${flipped.join(", ")}).`;
    expectError(DataError, () => restore(reshaped(name, flipped)), message, damaged);
  });

  test.each([
    ["a hidden size", { hiddenSize: 2 ** 26 }],
    ["an embedding", { embeddingSize: 2 ** 40 }],
    ["another decoder", { decoder: "peeky" }],
  ])("that claims %s its weights do not have, before memory is asked for", (_, change) => {
    const backend = openReference();
    const before = backend.arena.bytes;
    expect(() => restoreModel(backend, readModel("a", changed("config", change)))).toThrow(/expected shape/);
    expect(backend.arena.bytes).toBe(before);
  });
});
