import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { decodePicture, readPicture, requireSharp } from "../../src/node/packages.js";
import { expectError } from "../helpers/errors.js";
import { makeFolder } from "../helpers/folder.js";
import { skipWithoutSharp } from "../helpers/pictures.js";

const { default: sharp } = skipWithoutSharp ? { default: undefined } : await import("sharp");

/** A picture of these pixels, encoded. */
function encode(pixels: readonly number[], width: number, channels: 1 | 2 | 3 | 4) {
  const height = pixels.length / width / channels;
  if (!sharp) throw new Error("expected sharp");
  return sharp(Uint8Array.from(pixels), { raw: { width, height, channels } });
}
const noise = Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31) % 251);
const decode = async (bytes: Uint8Array, height: number, width: number): Promise<number[]> => [
  ...(await decodePicture("a", bytes, { height, width })),
];

describe.skipIf(skipWithoutSharp)("a picture", () => {
  test("is read as rows of red, green and blue from PNG, and nearly so from JPEG and WebP", async () => {
    const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 99, 199, 0, 0, 0, 255, 255, 255];
    expect(await decode(await encode(pixels, 3, 3).png().toBuffer(), 2, 3)).toEqual(pixels);
    expect(await decode(await encode(pixels, 3, 3).webp({ lossless: true }).toBuffer(), 2, 3)).toEqual(pixels);
    const flat = Array.from({ length: 16 * 16 }, () => [200, 100, 50]).flat();
    const read = await decode(await encode(flat, 16, 3).jpeg({ quality: 95 }).toBuffer(), 16, 16);
    expect(Math.max(...read.map((value, i) => Math.abs(value - (flat[i] ?? 0))))).toBeLessThan(4);
  });

  test("that is grey becomes red, green and blue, and a transparent one lies on white", async () => {
    const grey = encode([0, 100, 200, 255], 2, 1).toColourspace("b-w");
    expect(await decode(await grey.png().toBuffer(), 2, 2)).toEqual([
      0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255,
    ]);
    const glass = encode([255, 0, 0, 255, 255, 0, 0, 0, 0, 0, 0, 51], 3, 4);
    expect(await decode(await glass.png().toBuffer(), 1, 3)).toEqual([255, 0, 0, 255, 255, 255, 204, 204, 204]);
  });

  test("is turned as its camera says", async () => {
    const lying = encode([255, 0, 0, 0, 0, 255], 2, 3).withMetadata({ orientation: 6 });
    expect(await decode(await lying.png().toBuffer(), 2, 1)).toEqual([255, 0, 0, 0, 0, 255]);
  });

  test("is drawn to the size asked for with nothing cut off", async () => {
    const wide = Array.from({ length: 20 * 60 }, (_, i) => (i % 60 < 30 ? [240, 0, 0] : [0, 0, 240])).flat();
    const read = await decode(await encode(wide, 60, 3).png().toBuffer(), 8, 8);
    const column = (x: number): number[] => read.slice(3 * x, 3 * x + 3);
    expect([column(0), column(7)]).toEqual([
      [240, 0, 0],
      [0, 0, 240],
    ]);
  });

  test.each([
    ["nothing", Uint8Array.of(), "an empty file"],
    ["text", new TextEncoder().encode("no picture at all"), "something else"],
    ["a GIF", new TextEncoder().encode("GIF89a…"), "GIF"],
    ["an SVG", new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"), "SVG"],
  ])("is refused where it is %s, by name", async (_, bytes, got) => {
    const error = await decodePicture("cat.png", bytes, { height: 2, width: 2 }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({
      message: `cat.png: expected a picture in PNG, JPEG or WebP form, got ${got}.`,
      hint: "save it as PNG",
    });
  });

  test.each(["png", "jpeg", "webp"] as const)("of kind %s is refused wherever it is cut off", async (kind) => {
    const whole = await encode(noise, 64, 3).toFormat(kind).toBuffer();
    for (const share of [0.01, 0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.max(16, Math.floor(whole.length * share)));
      const error = await decodePicture("cut", cut, { height: 8, width: 8 }).catch((cause: unknown) => cause);
      expect(error).toBeInstanceOf(DataError);
      expect(String(error)).toMatch(
        /^DataError: cut: expected a whole (PNG|JPEG|WebP) picture, got a broken one: .*\w\.$/,
      );
    }
  });

  test("is read from a file; a folder and no file at all are named", async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "a.png"), await encode([1, 2, 3], 1, 3).png().toBuffer());
    mkdirSync(join(folder, "b.png"));
    const size = { height: 1, width: 1 };
    expect([...(await readPicture(join(folder, "a.png"), size))]).toEqual([1, 2, 3]);
    const path = (name: string): string => join(folder, name);
    await expect(readPicture(path("b.png"), size)).rejects.toThrow(
      `${path("b.png")}: expected a picture, got a folder.`,
    );
    await expect(readPicture(path("c.png"), size)).rejects.toThrow(
      `${path("c.png")}: expected a picture, got no such file or folder.`,
    );
  });
});

test("without sharp, pictures are refused with what to install", () => {
  const missing = (): never => {
    throw new Error("Cannot find module");
  };
  const message = "Pictures: expected the package sharp, which reads them, got none.";
  expectError(DataError, () => requireSharp(missing), message, "npm install sharp");
  expectError(DataError, () => requireSharp(() => ({})), message, "npm install sharp");
});
