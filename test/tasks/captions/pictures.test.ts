import { describe, expect, test } from "vitest";
import { Workspace } from "../../../src/engine/backend/arena.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { CaptionPairs, gridOf } from "../../../src/tasks/captions/caption-codec.js";
import type { PictureFormat } from "../../../src/tasks/captions/picture-format.js";
import { Pictures } from "../../../src/tasks/captions/pictures.js";
import { Words } from "../../../src/text/words.js";

const format: PictureFormat = {
  ...{ height: 1, width: 2, mean: [0, 0, 0.2], deviation: [1, 0.5, 1], channels: "rgb" },
};
const [red, blue] = [Uint8Array.of(255, 0, 51, 0, 0, 0), Uint8Array.of(0, 0, 255, 51, 51, 51)];
const round = (values: Iterable<number>): number[] => Array.from(values, (x) => Number(x.toFixed(5)));

describe("pictures", () => {
  test("are packed as numbers, in the order asked for, and kept as bytes", () => {
    const workspace = new Workspace(openReference().arena);
    const pictures = new Pictures([1, 2, 3], [red, blue, red], format);
    expect([pictures.count, pictures.steps, pictures.length()]).toEqual([3, 6, 2]);
    expect([pictures.row(0), pictures.arrays]).toEqual([red, [red, blue, red]]);
    const { values, lengths } = pictures.pack(workspace, "pictures", [1, 2, 1]);
    expect([values.shape, lengths]).toEqual([[3, 1, 2, 3], undefined]);
    const blueNumbers = [0, 0, 0.8, 0.2, 0.4, 0];
    expect(round(values.data)).toEqual([...blueNumbers, 1, 0, 0, 0, 0, -0.2, ...blueNumbers]);
  });

  test("may be features, which are brought to their scale", () => {
    const network = { file: "a.onnx", sha256: "0".repeat(64), output: "out", layout: "nchw", scale: 0.5 } as const;
    const features = [Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), Float32Array.of(0, 0, 0, 0, 0, 0, 0, -8)];
    const { values } = new Pictures([2, 1, 4], features, { ...format, network }).pack(
      new Workspace(openReference().arena),
      "p",
      [1, 0],
    );
    expect([...values.data]).toEqual([0, 0, 0, 0, 0, 0, 0, -4, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]);
  });

  test("have no row beyond the last", () => {
    expect(() => new Pictures([1, 2, 3], [red], format).row(1)).toThrow("Pictures: expected a row below 1, got 1.");
  });
});

describe("captions of pictures", () => {
  const words = Words.train(["a red circle", "a blue square"], { size: 100 });
  const targets = new CaptionPairs(
    words,
    { ...format, height: 48, width: 96 },
    { height: 12, width: 24, channels: 8 },
    7,
  );

  test("begin and end with the mark, and are read without it", () => {
    const ids = targets.target.encode("a blue circle");
    expect([ids[0], ids.at(-1), ids.length]).toEqual([targets.target.start, targets.target.end, 5]);
    expect(targets.target.decode(ids.slice(1))).toBe("a blue circle");
    expect([targets.target.size, targets.source.longest, targets.target.longest]).toEqual([words.size + 1, 288, 7]);
  });

  test("come back from a model file as they were", () => {
    const again = CaptionPairs.fromJSON(JSON.parse(JSON.stringify(targets)));
    expect(again).toEqual(targets);
    expect(again.target.encode("a red square")).toEqual(targets.target.encode("a red square"));
  });

  test("say where on a picture the places of a grid are", () => {
    expect(gridOf({ height: 48, width: 48 }, 36)).toEqual({ rows: 6, columns: 6 });
    expect(gridOf({ height: 48, width: 96 }, 18)).toEqual({ rows: 3, columns: 6 });
    expect(gridOf({ height: 224, width: 224 }, 1)).toEqual({ rows: 1, columns: 1 });
    expect(targets.source.tokens([], 8)).toEqual(["1, 1", "1, 2", "1, 3", "1, 4", "2, 1", "2, 2", "2, 3", "2, 4"]);
    expect(targets.source.decode()).toBe("a picture of 96 × 48 pixels");
  });
});
