import { describe, expect, test } from "vitest";
import { DataError, OptionError, ShapeError } from "../../../src/engine/errors.js";
import { readOnnxGraph, withOutput } from "../../../src/files/onnx-graph.js";
import { requireOnnx } from "../../../src/node/packages.js";
import {
  expectOnnx,
  type NetworkOptions,
  PictureNetwork,
  provideOnnx,
} from "../../../src/tasks/captions/picture-network.js";
import { expectError } from "../../helpers/errors.js";
import { resNet18 } from "../../helpers/image-networks.js";
import { OnnxWriter } from "../../helpers/onnx.js";
import { skipWithoutOnnx } from "../../helpers/pictures.js";

const SHA = "0".repeat(64);
const plain: NetworkOptions = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] };
const open = (bytes: Uint8Array, options: NetworkOptions = {}): Promise<PictureNetwork> =>
  PictureNetwork.open("folder/net.onnx", bytes, SHA, { ...plain, ...options });
const floats = (shape: readonly number[], ...data: number[]) => ({ shape, data: Float32Array.from(data) });

/** Pictures of 2 × 2 pixels: `mixed` has two channels, red minus green and blue doubled; `out` is `mixed` without minus. */
function mixer(shape: readonly (number | string)[] = ["N", 3, 2, 2]): Uint8Array {
  const net = new OnnxWriter("picture", shape);
  const inputs = ["picture", net.weights(floats([2, 3, 1, 1], 1, -1, 0, 0, 0, 2))];
  return net.finish([net.add("Relu", [net.add("Conv", inputs, { kernel_shape: [1, 1] }, "mixed")], {}, "out")]);
}
const picture = Uint8Array.of(10, 20, 1, 50, 20, 2, 90, 20, 3, 0, 20, 4);
const plainly = ({ shape, values }: { shape: readonly number[]; values: Float32Array }) => ({
  shape: [...shape],
  values: Array.from(values, Math.round),
});

describe.skipIf(skipWithoutOnnx)("an image network", () => {
  test("says of each pixel what was computed, channels last", async () => {
    const net = await open(mixer());
    const [first, second] = await net.features([picture, new Uint8Array(12)]);
    expect(first && plainly(first)).toEqual({ shape: [2, 2, 2], values: [0, 2, 30, 4, 70, 6, 0, 8] });
    expect(second && plainly(second).values).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const network = { file: "net.onnx", sha256: SHA, output: "out", layout: "nchw", scale: 1 };
    expect(net.format).toEqual({ height: 2, width: 2, ...plain, channels: "rgb", network });
  });

  test("says what it computed on the way, where that is asked for", async () => {
    const [features] = await (await open(mixer(), { output: "mixed" })).features([picture]);
    expect(features && plainly(features).values).toEqual([-10, 2, 30, 4, 70, 6, -20, 8]);
  });

  test("reads blue first where it was trained so", async () => {
    const [features] = await (await open(mixer(), { channels: "bgr" })).features([picture]);
    expect(features && plainly(features).values).toEqual([0, 20, 0, 100, 0, 180, 0, 0]);
  });

  test("that is made for one picture, or for three at a time, reads five", async () => {
    const pictures = Array.from({ length: 5 }, (_, i) => new Uint8Array(12).fill(i));
    for (const N of [1, 3, "N"]) {
      const features = await (await open(mixer([N, 3, 2, 2]))).features(pictures);
      expect(features.map(({ values }) => Math.round(values[1] ?? -1))).toEqual([0, 2, 4, 6, 8]);
    }
  });

  test("may have its channels last, or say one vector of a picture", async () => {
    const last = new OnnxWriter("picture", ["N", 2, 2, 3]);
    const [grid] = await (await open(last.finish([last.add("Relu", ["picture"])]))).features([picture]);
    expect(grid && plainly(grid)).toEqual({ shape: [2, 2, 3], values: [...picture] });
    const flat = new OnnxWriter("picture", ["N", 3, 2, 2]);
    const mean = flat.add("Flatten", [flat.add("GlobalAveragePool", ["picture"])]);
    const [vector] = await (await open(flat.finish([mean]))).features([
      Uint8Array.of(1, 4, 8, 3, 4, 8, 3, 4, 8, 1, 4, 8),
    ]);
    expect(vector && plainly(vector)).toEqual({ shape: [1, 1, 3], values: [2, 4, 8] });
  });

  test("takes the size it is made for, or that which is asked for", async () => {
    const free = mixer(["N", 3, "Y", "X"]);
    expect((await open(free)).format).toMatchObject({ height: 224, width: 224 });
    expect((await open(free, { size: 32 })).format).toMatchObject({ height: 32, width: 32 });
    await expect(open(mixer(), { size: 32 })).rejects.toThrow(
      "size: expected 2 × 2, for which folder/net.onnx is made, got 32.",
    );
  });

  test("is refused where it has no such output, with those it has", async () => {
    const message = 'folder/net.onnx: expected one of its outputs ("out") or of its 1 inner values, got "mixd".';
    const error = await open(mixer(), { output: "mixd" }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ message, hint: "did you mean mixed?" });
    const far = await open(resNet18(), { output: "something quite different" }).catch((cause: unknown) => cause);
    expect(far).toMatchObject({ hint: 'the last inner values are "features", "globalaveragepool_165", "grid"' });
  });

  test.each([
    ["grey pictures", ["N", 1, 2, 2], "(N, 1, 2, 2) in float32"],
    ["vectors", ["N", 3], "(N, 3) in float32"],
  ])("is refused where it reads %s", async (_, shape, got) => {
    const net = new OnnxWriter("picture", shape);
    await expect(open(net.finish([net.add("Relu", ["picture"])]))).rejects.toThrow(
      new DataError(`folder/net.onnx: expected one input of shape (N, 3, Y, X) in 32-bit numbers, got ${got}.`),
    );
  });

  test("is refused where what it says is neither a grid nor a vector", async () => {
    const row = new OnnxWriter("picture", ["N", 3, 4, 4]);
    const kept = row.add("ReduceMean", ["picture"], { axes: [3], keepdims: 0 }, "row");
    const rows = await open(row.finish([kept]));
    const message = "folder/net.onnx: expected an output of shape (N, C, Y, X) or (N, F), got (1, 3, 4).";
    await expect(rows.features([new Uint8Array(48)])).rejects.toThrow(
      new ShapeError(message, "cnnOutput names another"),
    );
  });

  test("is refused where what it says mixes pictures", async () => {
    const net = new OnnxWriter("picture", ["N", 3, 2, 2]);
    const mixed = net.add("Transpose", [net.add("Flatten", ["picture"])], { perm: [1, 0] }, "mixed");
    const mixing = await open(net.finish([mixed]));
    const message = "folder/net.onnx: expected an output of shape (2, …), one row for each picture, got (12, 2).";
    await expect(mixing.features([picture, picture])).rejects.toThrow(
      new ShapeError(message, "cnnOutput names another"),
    );
  });

  test("is refused where the file is none, or asks for what onnxruntime has not", async () => {
    const none = "folder/net.onnx: expected an ONNX network, got a file of another format.";
    for (const bytes of [
      Uint8Array.of(),
      new TextEncoder().encode("hello"),
      mixer().subarray(0, 60),
      Uint8Array.of(8, 7),
    ])
      await expect(open(bytes)).rejects.toThrow(new DataError(none));
    const odd = new OnnxWriter("picture", ["N", 3, 2, 2]);
    const error = await open(odd.finish([odd.add("Dream", ["picture"])])).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DataError);
    expect(String(error)).toMatch(
      /^DataError: folder\/net\.onnx: expected a network that onnxruntime can run, got: .*Dream.*\.$/,
    );
  });

  test("in the shape of ResNet-18 says 1,000 numbers, 512 before, and a grid of 7 × 7 before that", async () => {
    const bytes = resNet18();
    const pixels = Uint8Array.from({ length: 224 * 224 * 3 }, (_, i) => (i * 7) % 256);
    const shapes = { logits: [1, 1, 1000], features: [1, 1, 512], grid: [7, 7, 512] };
    const found: Record<string, Float32Array> = {};
    for (const [output, shape] of Object.entries(shapes)) {
      const [features] = await (await PictureNetwork.open("r", bytes, SHA, { output })).features([pixels]);
      expect(features?.shape).toEqual(shape);
      if (features) found[output] = features.values;
    }
    const { features = [], grid = [] } = found;
    for (const c of [0, 100, 511]) {
      let mean = 0;
      for (let i = 0; i < 49; i++) mean += (grid[i * 512 + c] ?? 0) / 49;
      expect(Math.abs(mean - (features[c] ?? 0))).toBeLessThan(1e-4 * Math.max(1, mean));
    }
  });
});

test("the names in a network are read, those on the way too, and one can be made an output", () => {
  const bytes = mixer();
  expect(readOnnxGraph("net", bytes)).toEqual({ outputs: ["out"], inner: ["mixed"] });
  expect(readOnnxGraph("net", withOutput(bytes, "mixed"))).toEqual({ outputs: ["out", "mixed"], inner: [] });
  const long = "x".repeat(300);
  expect(readOnnxGraph("net", withOutput(bytes, long)).outputs).toEqual(["out", long]);
});

test("without onnxruntime, networks are refused with what to install", () => {
  const missing = (): never => {
    throw new Error("Cannot find module");
  };
  expect([requireOnnx(missing), requireOnnx(() => ({}))]).toEqual([undefined, undefined]);
  provideOnnx(() => undefined);
  const message = "net.onnx: expected the package onnxruntime-node, which runs image networks, got none.";
  expectError(DataError, () => expectOnnx("net.onnx"), message, "npm install onnxruntime-node");
  provideOnnx(requireOnnx);
});
