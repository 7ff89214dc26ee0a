import { expect, test } from "vitest";
import * as z from "zod/mini";
import { PictureFormat, pixelWriter } from "../../../src/tasks/captions/picture-format.js";

/** Two pixels, one above the other. */
const pixels = Uint8Array.of(255, 0, 51, 102, 153, 204);
const simple = { height: 2, width: 1, mean: [0, 0, 0], deviation: [1, 1, 1], channels: "rgb" } as const;
type Format = Parameters<typeof pixelWriter>[0];

function write(format: Partial<Format>, layout?: "nhwc" | "nchw"): number[] {
  const into = new Float32Array(6);
  const { mean, deviation, ...rest } = { ...simple, ...format };
  pixelWriter({ ...rest, mean: [...mean], deviation: [...deviation] }, layout)(pixels, into);
  return Array.from(into, (x) => Number(x.toFixed(5)));
}

test("pixels become numbers from 0 to 1, channels last or each as a plane", () => {
  expect(write({})).toEqual([1, 0, 0.2, 0.4, 0.6, 0.8]);
  expect(write({}, "nchw")).toEqual([1, 0.4, 0, 0.6, 0.2, 0.8]);
});

test("mean and deviation belong to the channels in the order in which they are read", () => {
  expect(write({ channels: "bgr" })).toEqual([0.2, 0, 1, 0.8, 0.6, 0.4]);
  const scaled = { mean: [0.5, 0, 0.1], deviation: [0.5, 1, 0.1] } as const;
  expect(write({ ...scaled, mean: [...scaled.mean], deviation: [...scaled.deviation] })).toEqual([
    1, 0, 1, -0.2, 0.6, 7,
  ]);
  expect(write({ mean: [0.5, 0, 0.1], deviation: [0.5, 1, 0.1], channels: "bgr" })).toEqual([-0.6, 0, 9, 0.6, 0.6, 3]);
});

test("what is left out is as networks trained on ImageNet want it: white is (2.249, 2.429, 2.64)", () => {
  const format = z.parse(PictureFormat, {});
  expect([format.height, format.width, format.channels, format.network]).toEqual([224, 224, "rgb", undefined]);
  const into = new Float32Array(224 * 224 * 3);
  pixelWriter(format)(new Uint8Array(into.length).fill(255), into);
  // Recipe: (1 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
  expect(Array.from(into.subarray(0, 3), (x) => x.toFixed(3))).toEqual(["2.249", "2.429", "2.640"]);
});

test("a deviation of 0 is refused", () => {
  expect(z.safeParse(PictureFormat, { deviation: [1, 0, 1] }).success).toBe(false);
});
