import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { readNpy } from "../../src/files/npy.js";
import { expectError } from "../helpers/errors.js";
import { fromBase64, readSounds } from "../helpers/sound.js";

const { arrays, refused } = readSounds();

describe("a matrix that numpy.save wrote", () => {
  test.each(arrays)("is read: $type", ({ file }) => {
    const { width, values } = readNpy("frames.npy", fromBase64(file));
    expect({ width, values: [...values] }).toEqual({ width: 3, values: [1, 2, 3, 40, 50, 60] });
  });

  test("is refused where it is no matrix of finite numbers", () => {
    const matrix = "expected a matrix (frames, numbers in a frame), got shape";
    const types =
      "expected numbers of type float16, float32, float64, int8, uint8, int16, uint16, int32, uint32, int64, uint64";
    const finite = "expected finite numbers, got";
    const messages = {
      bigEndian: [`${types}, got ">f4".`, "float32"],
      complex: [`${types}, got "<c8".`, "float32"],
      vector: [`${matrix} (5).`, "numpy.save"],
      cube: [`${matrix} (2, 3, 4).`, "numpy.save"],
      noFrames: [`${matrix} (0, 3).`, "numpy.save"],
      notFinite: [`${finite} NaN in frame 2, column 2.`, "replace missing values"],
      tooLarge: ["expected numbers within float32, got 1e+300 in frame 1, column 1.", "divide the column"],
    };
    for (const [name, [message, hint]] of Object.entries(messages))
      expectError(DataError, () => readNpy("frames.npy", fromBase64(refused[name])), `frames.npy: ${message}`, hint);
  });

  test("is refused where it is cut short, wherever that is", () => {
    const whole = fromBase64(arrays.find(({ type }) => type === "f4")?.file);
    expect(whole.length).toBe(152);
    for (const [length, needed] of [
      [8, 10],
      [100, 128],
      [151, 152],
    ] as const)
      expectError(
        DataError,
        () => readNpy("frames.npy", whole.subarray(0, length)),
        `frames.npy: expected ${needed} bytes, got ${length}: the file is cut short.`,
        "save it again",
      );
  });

  test("is refused where it is none", () => {
    const kind = "frames.npy: expected a .npy file, got a file of another kind.";
    expectError(DataError, () => readNpy("frames.npy", new Uint8Array(200)), kind, "numpy.save");
    const bytes = fromBase64(arrays[0]?.file);
    bytes.fill(32, 10, 128);
    const header = "frames.npy: expected a header with type, order and shape of plain numbers, got another.";
    expectError(DataError, () => readNpy("frames.npy", bytes), header, "numpy.save");
  });
});
