import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportModel } from "../../src/files/model-file.js";
import { readSafetensors, type Safetensors, writeSafetensors } from "../../src/files/safetensors.js";
import { readModel } from "../../src/tasks/model-kinds.js";
import { makeModelFile } from "../helpers/models.js";

/** Every kind of float32: zeros of both signs, the least, the greatest, infinities, a NaN with a payload. */
const odd = new Float32Array(
  Uint32Array.of(0, 2 ** 31, 1, 0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc12345, 0x3f800001).buffer,
);

const sample: Safetensors = {
  metadata: { format: "test", ünïcode: '"🎉"\n\0', empty: "" },
  tensors: new Map([
    ["odd", { shape: [2, 4], data: odd }],
    ["empty", { shape: [0, 3], data: new Float32Array(0) }],
    ["scalar", { shape: [], data: Float32Array.of(1.5) }],
    ["a.b/ç", { shape: [3, 1, 1], data: Float32Array.of(1, 2, 3) }],
  ]),
};

const bits = (data: Float32Array): number[] => [...new Uint32Array(data.buffer, data.byteOffset, data.length)];

describe("a safetensors file", () => {
  test("is read back bit for bit, with shapes, names and metadata", () => {
    const { metadata, tensors } = readSafetensors("a", writeSafetensors(sample));
    expect(metadata).toEqual(sample.metadata);
    expect([...tensors.keys()].toSorted()).toEqual([...sample.tensors.keys()].toSorted());
    for (const [name, { shape, data }] of sample.tensors) {
      expect(tensors.get(name)?.shape).toEqual(shape);
      expect(bits(tensors.get(name)?.data ?? new Float32Array(0))).toEqual(bits(data));
    }
  });

  test("can be empty", () => {
    const { metadata, tensors } = readSafetensors("a", writeSafetensors({ metadata: {}, tensors: new Map() }));
    expect(metadata).toEqual({});
    expect(tensors.size).toBe(0);
  });

  test("is read from the middle of a buffer, and shares no memory with it", () => {
    const bytes = writeSafetensors(sample);
    const larger = Buffer.alloc(bytes.length + 16, 0xff);
    larger.set(bytes, 3);
    const { tensors } = readSafetensors("a", larger.subarray(3, 3 + bytes.length));
    larger.fill(0);
    expect(bits(tensors.get("odd")?.data ?? new Float32Array(0))).toEqual(bits(odd));
  });

  test("is written from a part of a larger array", () => {
    const data = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const bytes = writeSafetensors({ metadata: {}, tensors: new Map([["a", { shape: [2], data }]]) });
    expect([...(readSafetensors("a", bytes).tensors.get("a")?.data ?? [])]).toEqual([1, 2]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6, 7])(
    "begins its data at a multiple of eight bytes: a name of %d letters more",
    (more) => {
      const tensors = new Map([["x".repeat(1 + more), { shape: [1], data: Float32Array.of(1) }]]);
      const bytes = writeSafetensors({ metadata: {}, tensors });
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      expect(length % 8).toBe(0);
      expect(bytes[8]).toBe("{".charCodeAt(0));
      expect(new TextDecoder().decode(bytes.subarray(8, 8 + length))).toMatch(/^\{.*\} {0,7}$/);
    },
  );
});

/** A reader that knows nothing of ours: the header by json, the arrays by NumPy. */
const reader = `
import json, sys
import numpy as np
raw = open(sys.argv[1], "rb").read()
length = int.from_bytes(raw[:8], "little")
assert raw[8:9] == b"{" and length % 8 == 0
header = json.loads(raw[8:8 + length])
metadata = header.pop("__metadata__")
body = raw[8 + length:]
found = {}
for name, entry in header.items():
    start, end = entry["data_offsets"]
    dtype = {"F32": "<f4", "F16": "<f2"}[entry["dtype"]]
    array = np.frombuffer(body[start:end], dtype).reshape(entry["shape"]).astype("<f4")
    found[name] = {"shape": list(array.shape), "bits": array.view("<u4").ravel().tolist()}
assert sum(entry["data_offsets"][1] - entry["data_offsets"][0] for entry in header.values()) == len(body)
print(json.dumps({"metadata": metadata, "tensors": found}))
`;

const python = "/usr/bin/python3";
const hasNumPy = spawnSync(python, ["-c", "import numpy"]).status === 0;

describe.skipIf(!hasNumPy && process.env["SEQLOOM_REQUIRE_ALL"] !== "1")("NumPy reads", () => {
  function readByNumPy(bytes: Uint8Array): unknown {
    const folder = mkdtempSync(join(tmpdir(), "seqloom-"));
    try {
      writeFileSync(join(folder, "a.safetensors"), bytes);
      const { stdout, stderr } = spawnSync(python, ["-c", reader, join(folder, "a.safetensors")], { encoding: "utf8" });
      expect(stderr).toBe("");
      return JSON.parse(stdout);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  const asRead = ({ metadata, tensors }: Safetensors) => ({
    metadata,
    tensors: Object.fromEntries([...tensors].map(([name, { shape, data }]) => [name, { shape, bits: bits(data) }])),
  });

  test("what was written, bit for bit", () => {
    expect(readByNumPy(writeSafetensors(sample))).toEqual(asRead(sample));
  });

  test("a model file of float16, as the same numbers as we do", () => {
    const bytes = exportModel(readModel("a", makeModelFile({ hiddenSize: 29 })), "float16");
    expect(readByNumPy(bytes)).toEqual(asRead(readSafetensors("a", bytes)));
  });

  test("a model file", () => {
    const bytes = makeModelFile({ decoder: "peeky" });
    expect(readByNumPy(bytes)).toEqual(asRead(readSafetensors("a", bytes)));
    expect(readByNumPy(bytes)).toMatchObject({
      metadata: { format: "seqloom", version: "2" },
      tensors: { "encoder.lstm.weight_ih_l0": { shape: [12, 2] }, "decoder.linear.weight": { shape: [13, 6] } },
    });
  });
});
