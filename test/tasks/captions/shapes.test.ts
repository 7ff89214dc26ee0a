import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/engine/errors.js";
import {
  captionsOf,
  FIELD,
  forms,
  isTrue,
  keyOf,
  paintScene,
  type Scene,
  type Shape,
  sizes,
} from "../../../src/tasks/captions/shape-scenes.js";
import { type CaptionedScene, type Shapes, shapes } from "../../../src/tasks/captions/shapes.js";
import { expectError } from "../../helpers/errors.js";

const all = ({ train, valid, test: held }: Shapes): CaptionedScene[] => [...train, ...valid, ...held];
const shape = (words: Pick<Shape, "size" | "colour" | "form">, x: number, y: number): Shape => {
  return { ...words, x, y, tilt: 0, rgb: [200, 40, 40] };
};
const circle = shape({ size: "small", colour: "red", form: "circle" }, 12, 8);
const square = shape({ size: "large", colour: "blue", form: "square" }, 14, 32);
const cross = shape({ size: "large", colour: "green", form: "cross" }, 36, 30);
const scene = (...list: Shape[]): Scene => ({ shapes: list, paper: [255, 255, 255] });

describe("shapes", () => {
  test("holds out a tenth, but at most 1,000 pictures, and half as many for validation", () => {
    const sizesOf = (count: number): number[] => {
      const { train, valid, test: held } = shapes({ count });
      return [train.length, valid.length, held.length];
    };
    expect(sizesOf(200)).toEqual([170, 10, 20]);
    expect(sizesOf(20_000)).toEqual([18_500, 500, 1000]);
  });

  test("shows no scene twice, and none of one seed's test in another seed's training", () => {
    const [a, b] = [shapes({ count: 5000, seed: 1 }), shapes({ count: 5000, seed: 2 })];
    const train = new Set([...a.train, ...b.train].map((each) => keyOf(each.scene)));
    expect(new Set(all(a).map((each) => keyOf(each.scene))).size).toBe(5000);
    for (const { scene: held } of [...a.test, ...b.test, ...a.valid, ...b.valid])
      expect(train.has(keyOf(held))).toBe(false);
  });

  test("has one, two or three shapes about equally often, inside the field, apart, and called differently", () => {
    const counts = [0, 0, 0];
    for (const { scene: each } of all(shapes({ count: 3000 }))) {
      const n = each.shapes.length - 1;
      counts[n] = (counts[n] ?? 0) + 1;
      for (const [i, a] of each.shapes.entries()) {
        const r = sizes[a.size];
        for (const at of [a.x, a.y]) expect(at > r && at < FIELD - r).toBe(true);
        for (const b of each.shapes.slice(0, i)) {
          expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(r + sizes[b.size]);
          expect([a.size, a.colour, a.form]).not.toEqual([b.size, b.colour, b.form]);
          for (const d of [Math.abs(a.x - b.x), Math.abs(a.y - b.y)]) expect(d <= 5 || d >= 10).toBe(true);
        }
      }
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * Math.sqrt(667));
  });

  test("gives at most so many captions, all of them true and none twice", () => {
    for (const { scene: each, captions } of all(shapes({ count: 500, captions: 3 }))) {
      expect(captions.length).toBe(Math.min(3, captionsOf(each).length));
      expect(new Set(captions).size).toBe(captions.length);
      expect(captions.filter((caption) => !isTrue(caption, each))).toEqual([]);
    }
  });

  test("gives the same bytes for the same seed on every machine", () => {
    const bytes = (seed: number): string => {
      const hash = createHash("sha256");
      for (const { scene: each, captions } of all(shapes({ count: 100, seed })))
        hash.update(paintScene(each, 48)).update(captions.join());
      return hash.digest("hex").slice(0, 16);
    };
    expect(bytes(1)).toBe("969cf62ea0328ca5");
    expect(bytes(2)).not.toBe(bytes(1));
  });

  test("refuses a number of pictures that leaves none for a part", () => {
    expect(shapes({ count: 20 }).valid).toHaveLength(1);
    expectError(OptionError, () => shapes({ count: 19 }), "shapes: count: expected at least 20, got 19.");
  });
});

describe("captions of a scene", () => {
  test("are all sentences that are true of it", () => {
    expect(captionsOf(scene(circle))).toEqual(["a small red circle"]);
    expect(captionsOf(scene(circle, square))).toEqual([
      "a small red circle above a large blue square",
      "a large blue square below a small red circle",
    ]);
    expect(captionsOf(scene(circle, cross))).toEqual([
      "a small red circle above a large green cross",
      "a small red circle left of a large green cross",
      "a large green cross below a small red circle",
      "a large green cross right of a small red circle",
    ]);
    expect(captionsOf(scene(circle, square, cross))).toHaveLength(10);
    expect(captionsOf(scene(circle, square, cross)).slice(0, 3)).toEqual([
      "a small red circle above a large blue square and above a large green cross",
      "a small red circle above a large blue square and left of a large green cross",
      "a small red circle above a large green cross and above a large blue square",
    ]);
  });

  test.each([
    ["a small red circle above a large blue square", true],
    ["a large blue square below a small red circle", true],
    ["a small red circle below a large blue square", false],
    ["a small red circle left of a large blue square", false], // by two units, which is level
    ["a large red circle above a large blue square", false],
    ["a small red circle above a large blue circle", false],
    ["a small red circle above a large green square", false],
    ["a small red circle", false], // and the other shape?
    ["a small red circle above a small red circle", false],
    ["a small red circle above a large blue square and above a large blue square", false],
    ["a small red circle and a large blue square", false],
    ["a small red circle above", false],
    ["a small red circle above a large blue square.", false],
    ["", false],
  ])("%j is found to be %j of a small red circle above a large blue square", (caption, truth) => {
    expect(isTrue(caption, scene(circle, square))).toBe(truth);
  });

  test("are found true in other words than the generator's, and false where one place is wrong", () => {
    const three = scene(circle, square, cross);
    expect(isTrue("a large blue square left of a large green cross and below a small red circle", three)).toBe(true);
    expect(isTrue("a large blue square left of a large green cross and above a small red circle", three)).toBe(false);
    expect(isTrue("a large blue square left of a large green cross", three)).toBe(false);
  });

  test("are found false of every other scene in which a shape or a place differs", () => {
    const opposite: Readonly<Record<string, string>> = { above: "below", below: "above", left: "right", right: "left" };
    const { train } = shapes({ count: 300, captions: 24 });
    for (const { scene: each, captions } of train)
      for (const caption of captions) {
        const others = [
          caption.replace(/above|below|left|right/, (word) => opposite[word] ?? ""),
          caption.replace(/small|large/, (word) => (word === "small" ? "large" : "small")),
          caption.replace(/circle|square|triangle|cross/, (word) => (word === "cross" ? "circle" : "cross")),
        ].filter((other) => other !== caption);
        for (const other of others) expect([other, isTrue(other, each)]).toEqual([other, captions.includes(other)]);
      }
  });
});

describe("a painted scene", () => {
  const pixel = (pixels: Uint8Array, side: number, x: number, y: number): number[] => [
    ...pixels.subarray(3 * (y * side + x), 3 * (y * side + x) + 3),
  ];
  /** How many pixels' worth of red there is on white paper, by the green that is missing. */
  const area = (pixels: Uint8Array): number =>
    pixels.reduce((sum, value, i) => (i % 3 === 1 ? sum + (255 - value) / (255 - 40) : sum), 0);

  test("has a shape's colour at its centre, and the paper's where nothing is", () => {
    const pixels = paintScene(scene(circle, square), 48);
    expect(pixels.length).toBe(48 * 48 * 3);
    expect(pixel(pixels, 48, 12, 8)).toEqual([200, 40, 40]);
    expect(pixel(pixels, 48, 14, 32)).toEqual([200, 40, 40]);
    expect(pixel(pixels, 48, 40, 40)).toEqual([255, 255, 255]);
  });

  test("covers what geometry says, in any tilt and at any size", () => {
    const r = sizes.large;
    const areas = {
      circle: Math.PI * (0.9 * r) ** 2,
      square: (1.4 * r) ** 2,
      triangle: ((3 * Math.sqrt(3)) / 4) * r ** 2,
      cross: (2 * 1.84 * 0.6 - 0.6 ** 2) * r ** 2,
    };
    for (const form of forms)
      for (const tilt of [0, 0.1, -0.12])
        for (const side of [48, 96, 224]) {
          const one = { ...square, x: 24, y: 24, form, tilt };
          const painted = area(paintScene(scene(one), side)) / (side / FIELD) ** 2;
          expect(Math.abs(painted / areas[form] - 1)).toBeLessThan(0.04);
        }
  });

  test("has its triangles point upwards", () => {
    const pixels = paintScene(scene({ ...square, form: "triangle", x: 24, y: 24 }), 48);
    expect(pixel(pixels, 48, 24, 17)).toEqual([200, 40, 40]);
    expect(pixel(pixels, 48, 18, 27)).toEqual([200, 40, 40]);
    expect(pixel(pixels, 48, 18, 17)).toEqual([255, 255, 255]);
  });
});
