import { describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.js";
import { requireSharp } from "../../src/node/packages.js";
import { lanczos, resampleColumns, resampleRow } from "../../studio/worker/resample.js";
import { skipWithoutSharp } from "../helpers/pictures.js";

/** A picture with edges, slopes and noise: (height, width, 3) bytes. */
function draw(height: number, width: number): Uint8Array {
  const random = new Random(1);
  return Uint8Array.from({ length: 3 * height * width }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const board = 60 * ((Math.floor(x / 37) + Math.floor(y / 53)) % 2);
    return (120 * (i % 3 === 0 ? x / width : y / height) + board + 40 * random.uniform()) | 0;
  });
}

function resample(pixels: Uint8Array, [height, width]: readonly [number, number], to: readonly [number, number]) {
  const taps = lanczos(width, to[1]);
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Uint8ClampedArray.from({ length: 4 * width }, (_, i) =>
      i % 4 === 3 ? 255 : (pixels[3 * (y * width + (i >> 2)) + (i % 4)] ?? 0),
    );
    return resampleRow(row, taps);
  });
  return resampleColumns(rows, lanczos(height, to[0]));
}

test("a picture of the size asked for stays what it is, to the last bit", () => {
  const pixels = draw(7, 5);
  expect(resample(pixels, [7, 5], [7, 5])).toEqual(pixels);
});

test("one colour stays one colour, wider and higher or narrower and lower", () => {
  const pixels = new Uint8Array(3 * 20 * 10).fill(200);
  for (const size of [
    [3, 4],
    [33, 27],
  ] as const)
    expect(resample(pixels, [20, 10], size)).toEqual(new Uint8Array(3 * size[0] * size[1]).fill(200));
});

test("two samples are made of ten in mirror image, and nothing is lost", () => {
  const [left, right] = lanczos(10, 2);
  const sum = (weights: Float64Array | undefined): number => weights?.reduce((total, weight) => total + weight, 0) ?? 0;
  expect([left?.first, left?.weights.length, right?.first, right?.weights.length]).toEqual([0, 10, 0, 10]);
  expect([sum(left?.weights), sum(right?.weights)]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  const mirrored = [...(right?.weights ?? [])].reverse();
  expect([...(left?.weights ?? [])]).toEqual(mirrored.map((weight) => expect.closeTo(weight, 12)));
});

describe.skipIf(skipWithoutSharp)("beside sharp", () => {
  const size = [550, 800] as const;
  const pixels = draw(...size);

  test.each([
    [48, 48],
    [96, 64],
    [224, 224],
  ] as const)("%i × %i pixels differ by less than one of 255 on average", async (height, width) => {
    const raw = { raw: { width: size[1], height: size[0], channels: 3 } };
    const theirs = await requireSharp()(pixels, raw)
      .resize(width, height, { fit: "fill" })
      .removeAlpha()
      .raw()
      .toBuffer();
    const ours = resample(pixels, size, [height, width]);
    expect(ours.length).toBe(theirs.length);
    const differences = ours.map((value, i) => Math.abs(value - (theirs[i] ?? 0)));
    expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(1);
    expect(differences.filter((each) => each > 6)).toEqual(new Uint8Array());
  });
});
