import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { exportModel } from "../../src/files/model-file.js";
import { readSafetensors } from "../../src/files/safetensors.js";
import { readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { expectError, thrownBy } from "../helpers/errors.js";
import { fileOf, makeModelFile, makeTextModelFile } from "../helpers/models.js";

const hint = "damaged, cut short, or no .safetensors file";
const read = (bytes: Uint8Array) => readSafetensors("a", bytes);
const entry = (shape: readonly unknown[], from: number, to: number, dtype = "F32") => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe("a damaged safetensors file is refused", () => {
  test("shorter than its length field", () => {
    expectError(DataError, () => read(new Uint8Array(0)), "a: expected a .safetensors file, got 0 bytes.", hint);
    expectError(DataError, () => read(new Uint8Array(7)), "a: expected a .safetensors file, got 7 bytes.", hint);
  });

  test.each([2n ** 60n, 2n ** 64n - 1n, 2n ** 53n, 2n ** 32n, 9n])(
    "with a header said to be %d bytes long",
    (length) => {
      const bytes = new Uint8Array(16);
      new DataView(bytes.buffer).setBigUint64(0, length, true);
      expectError(DataError, () => read(bytes), "a: expected a .safetensors file, got something else.", hint);
      bytes[8] = 0x7b; // {
      const message = `a: expected a header of ${Number(length)} bytes, got a file of 16.`;
      expectError(DataError, () => read(bytes), message, hint);
    },
  );

  test.each([
    ["no header", ""],
    ["text", "hello, wor"],
    ["JSON cut short", '{"a":'],
    ["a list", "[]"],
    ["a number", "1"],
    ["null", "null"],
    ["NaN, which is no JSON", '{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,4]}}'],
    ["nesting without end", "[".repeat(200_000)],
  ])("whose header is %s", (_, header) => {
    expectError(DataError, () => read(fileOf(header)), "a: expected a header in JSON, got something else.", hint);
  });

  test("whose header is not UTF-8", () => {
    const bytes = fileOf('{"a":"??"}');
    bytes.set([0xc3, 0x28], 14);
    expectError(DataError, () => read(bytes), "a: expected a header in JSON, got something else.", hint);
  });

  test.each([
    ["no entry", 1],
    ["null", null],
    ["nothing in it", {}],
    ["a negative size", entry([-1], 0, 4)],
    ["a size with a fraction", entry([0.5], 0, 4)],
    ["a size beyond what numbers hold", entry([1e300], 0, 4)],
    ["a size that is text", entry(["1"], 0, 4)],
    ["an infinite size", '{"t":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}'],
    ["a negative offset", entry([1], -4, 0)],
    ["one offset", { dtype: "F32", shape: [1], data_offsets: [4] }],
    ["three offsets", { dtype: "F32", shape: [1], data_offsets: [0, 4, 8] }],
    ["no dtype", { shape: [1], data_offsets: [0, 4] }],
  ])("whose tensor has %s", (_, value) => {
    const bytes = fileOf(typeof value === "string" ? value : { t: value }, new Uint8Array(4));
    expectError(DataError, () => read(bytes), "a: t: expected dtype, shape and data_offsets, got another entry.", hint);
  });

  test.each(["F64", "I64", "U8", "F32 ", "toString", ""])('with numbers of type "%s"', (dtype) => {
    const bytes = fileOf({ t: entry([1], 0, 4, dtype) }, new Uint8Array(4));
    expectError(DataError, () => read(bytes), `a: t: expected one of F32, F16, BF16, I8, got ${dtype}.`);
  });

  test.each([
    ["more data than there is", [2], 0, 8, "a: t: expected data up to byte $END, got a file of $SIZE."],
    ["a shape larger than its data", [2], 0, 4, "a: t: expected 8 bytes for shape (2), got 4."],
    ["a shape smaller than its data", [0], 0, 4, "a: t: expected 0 bytes for shape (0), got 4."],
    ["an end before its start", [1], 4, 0, "a: t: expected 4 bytes for shape (1), got -4."],
    ["a huge shape", [2 ** 50], 0, 4, `a: t: expected ${2 ** 52} bytes for shape (${2 ** 50}), got 4.`],
    [
      "a shape that overflows",
      [2 ** 40, 2 ** 40, 2 ** 40],
      0,
      4,
      `a: t: expected ${2 ** 122} bytes for shape (${2 ** 40}, ${2 ** 40}, ${2 ** 40}), got 4.`,
    ],
  ])("whose tensor claims %s", (_, shape, from, to, message) => {
    const bytes = fileOf({ t: entry(shape, from, to) }, new Uint8Array(4));
    const expected = message.replace("$END", String(bytes.length + 4)).replace("$SIZE", String(bytes.length));
    expectError(DataError, () => read(bytes), expected, hint);
  });

  test.each([
    ["overlap", { s: entry([2], 0, 8), t: entry([1], 4, 8) }, "a: expected tensor data from byte 8 on, got 4."],
    ["are the same", { s: entry([1], 0, 4), t: entry([1], 0, 4) }, "a: expected tensor data from byte 4 on, got 0."],
    ["leave a gap", { s: entry([1], 0, 4), t: entry([1], 8, 12) }, "a: expected tensor data from byte 4 on, got 8."],
    ["begin late", { s: entry([2], 4, 12) }, "a: expected tensor data from byte 0 on, got 4."],
  ])("whose tensors %s", (_, header, message) => {
    expectError(DataError, () => read(fileOf(header, new Uint8Array(12))), message, hint);
  });

  test("with bytes left over", () => {
    const bytes = fileOf({ t: entry([1], 0, 4) }, new Uint8Array(5));
    expectError(DataError, () => read(bytes), `a: expected ${bytes.length - 1} bytes, got ${bytes.length}.`, hint);
  });

  test("whose metadata is not made of strings", () => {
    for (const metadata of [1, [], { a: 1 }, { a: { b: "c" } }, "text"])
      expectError(
        DataError,
        () => read(fileOf({ __metadata__: metadata })),
        "a: expected metadata of strings, got other values.",
        hint,
      );
  });

  test("without being given memory for what its tensors claim together", () => {
    const size = 2 ** 20;
    const names = Array.from({ length: 5000 }, (_, i) => [`t${i}`, entry([size / 4], 0, size)] as const);
    const bytes = fileOf(Object.fromEntries(names), new Uint8Array(size));
    const before = process.memoryUsage().arrayBuffers;
    expectError(DataError, () => read(bytes), `a: expected tensor data from byte ${size} on, got 0.`, hint);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * size);
  });
});

describe.each([
  { kind: "an LSTM seq2seq", good: makeModelFile() },
  { kind: "a peeky GRU seq2seq", good: makeModelFile({ decoder: "peeky", cell: "gru" }) },
  { kind: "a language model", good: makeTextModelFile() },
  { kind: "a language model of float16", good: exportModel(readModel("a", makeTextModelFile()), "float16") },
  { kind: "a seq2seq of int8", good: exportModel(readModel("a", makeModelFile()), "int8") },
])("whatever is done to the file of $kind", ({ good }) => {
  const headerLength = Number(new DataView(good.buffer).getBigUint64(0, true));
  const backend = openReference();
  const start = backend.arena.bytes;

  /** Reads and makes the model: whether it was refused, by nothing but a DataError. */
  function isRefused(bytes: Uint8Array): boolean {
    const error = thrownBy(() => restoreModel(backend, readModel("a", bytes)));
    if (error) expect(error).toBeInstanceOf(DataError);
    return error !== undefined;
  }

  test("cut short anywhere, it is refused", () => {
    expect(isRefused(good)).toBe(false);
    for (let length = 0; length < good.length; length += 7) expect(isRefused(good.subarray(0, length))).toBe(true);
    expect(isRefused(good.subarray(0, -1))).toBe(true);
  });

  test("bytes changed in its header: it is refused or read, and asks for no more memory than a model of its size", () => {
    const random = new Random(7);
    const outcomes = { refused: 0, read: 0 };
    for (let round = 0; round < 2000; round++) {
      const bytes = good.slice();
      for (let n = 1 + random.below(3); n > 0; n--)
        bytes[random.below(8 + headerLength)] = round % 2 ? random.below(256) : 32 + random.below(95);
      outcomes[isRefused(bytes) ? "refused" : "read"]++;
    }
    expect(outcomes.refused).toBeGreaterThan(1000);
    expect(outcomes.read).toBeGreaterThan(2);
    expect((backend.arena.bytes - start) / outcomes.read).toBeLessThan(20 * good.length);
  });

  test("digits of its header changed: what still reads as JSON is refused or read, too", () => {
    const random = new Random(8);
    const digits = Array.from({ length: headerLength }, (_, i) => 8 + i).filter((i) =>
      /\d/.test(String.fromCharCode(good[i] ?? 0)),
    );
    let refused = 0;
    for (let round = 0; round < 1000; round++) {
      const bytes = good.slice();
      bytes[digits[random.below(digits.length)] ?? 8] = "0123456789".charCodeAt(random.below(10));
      if (isRefused(bytes)) refused++;
    }
    expect(refused).toBeGreaterThan(500);
  });
});
