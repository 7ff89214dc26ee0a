import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { fromHalf, toHalf, type WeightForm } from "../../src/files/dtypes.js";
import { exportModel } from "../../src/files/model-file.js";
import { readSafetensors, type Safetensors, writeSafetensors } from "../../src/files/safetensors.js";
import { readModel } from "../../src/tasks/model-kinds.js";
import { draw } from "../helpers/desk.js";
import { expectError } from "../helpers/errors.js";
import { changeFile, fileOf, makeModelFile, makeTextModelFile } from "../helpers/models.js";

const random = new Random(5);
const weight = draw(random, 7 * 5, 0.3);
const bias = draw(random, 7, 0.3);
const sample: Safetensors = {
  metadata: { format: "test" },
  tensors: new Map([
    ["weight", { shape: [7, 5], data: weight }],
    ["bias", { shape: [7], data: bias }],
    ["empty", { shape: [0, 3], data: new Float32Array(0) }],
    ["cube", { shape: [2, 1, 3], data: Float32Array.of(1, -2, 127, 0, 0, 0) }],
  ]),
};

interface Entry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** The header of a file, where its data begins, and how long they are. */
function headerOf(bytes: Uint8Array): { entries: Map<string, Entry>; start: number } {
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const { __metadata__: _, ...entries } = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  return { entries: new Map(Object.entries<Entry>(entries)), start: 8 + length };
}

const dtypesOf = (bytes: Uint8Array) =>
  Object.fromEntries([...headerOf(bytes).entries].map(([name, { dtype, shape }]) => [name, [dtype, ...shape]]));

function readArray(form: WeightForm, name: string): Float32Array {
  return readSafetensors("a", writeSafetensors(sample, form)).tensors.get(name)?.data ?? new Float32Array(0);
}

describe("weights", () => {
  test("of float16 are the nearest ones; biases stay float32", () => {
    expect(dtypesOf(writeSafetensors(sample, "float16"))).toEqual({
      bias: ["F32", 7],
      ...{ weight: ["F16", 7, 5], empty: ["F16", 0, 3], cube: ["F16", 2, 1, 3] },
    });
    expect(readArray("float16", "bias")).toEqual(bias);
    expect(readArray("float16", "cube")).toEqual(Float32Array.of(1, -2, 127, 0, 0, 0));
    for (const [i, x] of readArray("float16", "weight").entries()) {
      const w = weight[i] ?? 0;
      expect(x).toBe(fromHalf(toHalf(w)));
      expect(Math.abs(x - w)).toBeLessThanOrEqual(Math.abs(w) * 2 ** -11);
    }
  });

  test("of int8 are whole numbers times the scale of their row, up to ±127", () => {
    expect(dtypesOf(writeSafetensors(sample, "int8"))).toEqual({
      ...{ bias: ["F32", 7], weight: ["I8", 7, 5], empty: ["I8", 0, 3], cube: ["I8", 2, 1, 3] },
      ...{ "weight.scale": ["F32", 7], "empty.scale": ["F32", 0], "cube.scale": ["F32", 2] },
    });
    expect(readArray("int8", "bias")).toEqual(bias);
    expect(readArray("int8", "cube")).toEqual(Float32Array.of(1, -2, 127, 0, 0, 0)); // scales 1 and 0
    const back = readArray("int8", "weight");
    for (let row = 0; row < 7; row++) {
      const [before, after] = [weight, back].map((all) => all.subarray(5 * row, 5 * row + 5));
      const most = Math.max(...(before ?? []).map(Math.abs));
      for (const [i, x] of (after ?? []).entries()) {
        expect(Math.abs(x - (before?.[i] ?? 0))).toBeLessThanOrEqual((most / 127 / 2) * (1 + 1e-5));
        const steps = (x / most) * 127;
        expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-4);
      }
    }
  });

  test("of int8 have scales that lie beside them in the file, and not in what is read", () => {
    const { tensors } = readSafetensors("a", writeSafetensors(sample, "int8"));
    expect([...tensors.keys()].toSorted()).toEqual(["bias", "cube", "empty", "weight"]);
  });

  test.each(["float16", "int8"] as const)("of %s are the same when they are written once more", (form) => {
    const once = writeSafetensors(sample, form);
    const twice = writeSafetensors(readSafetensors("a", once), form);
    const [a, b] = [once, twice].map((bytes) => readSafetensors("a", bytes).tensors);
    for (const [name, { data }] of a ?? [])
      for (const [i, x] of data.entries()) expect(b?.get(name)?.data[i]).toBeCloseTo(x, 7);
  });

  test.each(["float32", "float16", "int8"] as const)("of %s begin at a multiple of their size", (form) => {
    const bytes = writeSafetensors(sample, form);
    const { entries, start } = headerOf(bytes);
    const sizes = new Map(Object.entries({ F32: 4, F16: 2, I8: 1 }));
    for (const { dtype, data_offsets } of entries.values())
      expect((start + data_offsets[0]) % (sizes.get(dtype) ?? 0)).toBe(0);
  });

  test("of bfloat16 are read: the upper half of a float32", () => {
    const header = { a: { dtype: "BF16", shape: [2], data_offsets: [0, 4] } };
    const bytes = fileOf(header, Uint8Array.of(0xc0, 0x3f, 0x49, 0xc0)); // 1.5, −3.140625
    expect([...(readSafetensors("a", bytes).tensors.get("a")?.data ?? [])]).toEqual([1.5, -3.140625]);
  });

  test.each([
    ["float16", 65_505, 65_504],
    ["float16", Number.NaN, 65_504],
    ["float16", Number.NEGATIVE_INFINITY, 65_504],
    ["int8", Math.fround(2e36), 1e36],
    ["int8", Number.NaN, 1e36],
  ] as const)("of %s are refused where one is %d", (form, x, most) => {
    const data = Float32Array.of(0, x);
    const file: Safetensors = { metadata: {}, tensors: new Map([["linear.weight", { shape: [1, 2], data }]]) };
    const message = `linear.weight: expected numbers up to ${most} for ${form}, got ${x}.`;
    expectError(DataError, () => writeSafetensors(file, form), message, "store it as float32");
    expect(readSafetensors("a", writeSafetensors(file)).tensors.get("linear.weight")?.data).toEqual(data);
  });

  test("of int8 keep the largest that they may be", () => {
    const data = Float32Array.of(1e36, -1e36, 1e35, 0);
    const file: Safetensors = { metadata: {}, tensors: new Map([["a", { shape: [1, 4], data }]]) };
    const [most = 0, least = 0] = readSafetensors("a", writeSafetensors(file, "int8")).tensors.get("a")?.data ?? [];
    expect([most / 1e36, least / 1e36]).toEqual([expect.closeTo(1, 6), expect.closeTo(-1, 6)]);
  });
});

describe("a file of int8 is refused", () => {
  const bytes = Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64, 1, 2, 3, 4); // scales 1 and 2
  const entries = {
    "a.scale": { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    a: { dtype: "I8", shape: [2, 2], data_offsets: [8, 12] },
  };

  test("but not where its scales are right", () => {
    const { tensors } = readSafetensors("m", fileOf(entries, bytes));
    expect([...tensors]).toEqual([["a", { shape: [2, 2], data: Float32Array.of(1, 2, 6, 8) }]]);
  });

  test("without scales, or with another number of them", () => {
    const { a } = entries;
    const alone = fileOf({ a: { ...a, data_offsets: [0, 4] } }, bytes.subarray(8));
    const hint = "damaged, cut short";
    const none = "m: a.scale: expected shape (2), got no such array.";
    expectError(DataError, () => readSafetensors("m", alone), none, hint);
    const long = fileOf({ ...entries, a: { ...a, shape: [4, 1] } }, bytes);
    expectError(DataError, () => readSafetensors("m", long), "m: a.scale: expected shape (4), got (2).", hint);
    const square = fileOf({ ...entries, "a.scale": { ...entries["a.scale"], shape: [2, 1] } }, bytes);
    expectError(DataError, () => readSafetensors("m", square), "m: a.scale: expected shape (2), got (2, 1).", hint);
  });

  test("or of float16, where its size is not that of its numbers", () => {
    const header = { a: { dtype: "F16", shape: [2], data_offsets: [0, 8] } };
    const message = "m: a: expected 4 bytes for shape (2), got 8.";
    expectError(DataError, () => readSafetensors("m", fileOf(header, new Uint8Array(8))), message, "damaged");
  });
});

describe("an exported model", () => {
  test.each([
    ["seq2seq", makeModelFile({ hiddenSize: 64, embeddingSize: 32 })],
    ["language-model", makeTextModelFile({ hiddenSize: 64, embeddingSize: 32 })],
  ])("is half or a quarter as large, with all that a %s file says", (_, bytes) => {
    const file = readModel("m", bytes);
    const dataOf = (all: Uint8Array): number => all.length - headerOf(all).start;
    const biases = [...file.tensors.values()].filter(({ shape }) => shape.length === 1);
    const biasBytes = 4 * biases.reduce((sum, { data }) => sum + data.length, 0);
    const weightBytes = dataOf(bytes) - biasBytes;
    expect(dataOf(exportModel(file, "float32"))).toBe(dataOf(bytes));
    expect(dataOf(exportModel(file, "float16"))).toBe(weightBytes / 2 + biasBytes);
    const rows = [...file.tensors.values()].reduce(
      (sum, { shape }) => sum + (shape.length > 1 ? (shape[0] ?? 0) : 0),
      0,
    );
    expect(dataOf(exportModel(file, "int8"))).toBe(weightBytes / 4 + biasBytes + 4 * rows);
    for (const form of ["float32", "float16", "int8"] as const)
      expect(readModel("m", exportModel(file, form)).metadata).toEqual(file.metadata);
  });

  test("of float32 is the same file", () => {
    const bytes = makeModelFile();
    expect(exportModel(readModel("m", bytes), "float32")).toEqual(bytes);
  });

  test("of a checkpoint is the model alone", () => {
    const bytes = makeModelFile();
    const state = (own: Safetensors["tensors"]): Safetensors["tensors"] =>
      new Map([
        ...own,
        ["adam.m.decoder.linear.bias", { shape: [13], data: new Float32Array(13) }],
        ["state.h_l0", { shape: [2, 3], data: new Float32Array(6) }],
      ]);
    const checkpoint = changeFile(bytes, { checkpoint: "{}", note: "hello" }, state);
    const exported = readModel("m", exportModel(readModel("m", checkpoint), "float32"));
    expect(exported.metadata).toEqual({ ...readModel("m", bytes).metadata, note: "hello" });
    expect([...exported.tensors.keys()]).toEqual([...readModel("m", bytes).tensors.keys()]);
  });
});
