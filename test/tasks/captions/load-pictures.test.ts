import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DataError, SeqloomError } from "../../../src/engine/errors.js";
import { nodePicturePorts } from "../../../src/node/packages.js";
import { FeatureCache } from "../../../src/tasks/captions/feature-cache.js";
import {
  loadPictures,
  type PictureInput,
  paintedScene,
  pictureFile,
} from "../../../src/tasks/captions/load-pictures.js";
import type { PictureFormat } from "../../../src/tasks/captions/picture-format.js";
import type { NetworkOptions } from "../../../src/tasks/captions/picture-network.js";
import { openNetwork } from "../../../src/tasks/captions/picture-reading.js";
import { shapes } from "../../../src/tasks/captions/shapes.js";
import { makeFolder } from "../../helpers/folder.js";
import { OnnxWriter } from "../../helpers/onnx.js";
import { skipWithoutOnnx, skipWithoutSharp } from "../../helpers/pictures.js";

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});

const ports = nodePicturePorts();

/** A cache whose entries are files in a folder. */
function cacheIn(format: PictureFormat, cache = folder): FeatureCache {
  const { features, files } = nodePicturePorts({ cache });
  if (!features) throw new Error("expected a store");
  return new FeatureCache(format, features, files);
}

const scenes = shapes({ count: 40 }).train.map(({ scene }) => scene);

/** A network whose output is a picture's mean colour. */
function meanColour(): Uint8Array {
  const net = new OnnxWriter("picture", ["N", 3, "Y", "X"]);
  return net.finish([net.add("Flatten", [net.add("GlobalAveragePool", ["picture"])], {}, "mean")]);
}

/** The network, counting how many pictures it is asked about. */
async function openCounted(options: NetworkOptions = {}) {
  const path = join(folder, "mean.onnx");
  writeFileSync(path, meanColour());
  const network = await openNetwork(path, ports, { size: 24, ...options });
  const count = { pictures: 0 };
  const { features } = network;
  network.features = (pictures) => {
    count.pictures += pictures.length;
    return features.call(network, pictures);
  };
  return { network, count };
}

const filesOf = (): string[] =>
  readdirSync(join(folder, "features"), { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));

test("a scene is painted at the size of the format", async () => {
  const inputs = scenes.map(paintedScene);
  const format = { height: 32, width: 32, mean: [0, 0, 0], deviation: [1, 1, 1], channels: "rgb" } as const;
  const { shape, values } = await loadPictures(inputs, {
    format: { ...format, mean: [0, 0, 0], deviation: [1, 1, 1] },
  });
  expect([shape, values.length]).toEqual([[32, 32, 3], 34]);
  const [first] = scenes[0]?.paper ?? [];
  expect([values[0]?.length, values[0]?.[0]]).toEqual([32 * 32 * 3, first]);
});

describe.skipIf(skipWithoutOnnx)("features", () => {
  test("are computed once, and afterwards read from disk to the last bit", async () => {
    const { network, count } = await openCounted();
    const cache = cacheIn(network.format);
    const inputs = scenes.map(paintedScene);
    const first = await loadPictures(inputs, { format: network.format, network, cache });
    expect([count.pictures, first.shape, filesOf().length]).toEqual([34, [1, 1, 3], 34]);
    const again = await loadPictures(inputs.slice(5), { format: network.format, network, cache });
    expect(count.pictures).toBe(34);
    expect(again.values).toEqual(first.values.slice(5));
  });

  test("are other ones with another output, size, mean, order of channels or network", async () => {
    const one = scenes.slice(0, 1).map(paintedScene);
    const options = [{}, { size: 32 }, { mean: [0, 0, 0] as [number, number, number] }, { channels: "bgr" as const }];
    for (const [i, each] of options.entries()) {
      const { network, count } = await openCounted(each);
      await loadPictures(one, { format: network.format, network, cache: cacheIn(network.format) });
      expect([count.pictures, filesOf().length]).toEqual([1, i + 1]);
    }
    const { network } = await openCounted();
    const { format } = network;
    const asked = format.network && { ...format, network: { ...format.network, sha256: "1".repeat(64) } };
    expect(asked && cacheIn(asked).read(one[0]?.bytes() ?? new Uint8Array())).toBeUndefined();
    const renamed = format.network && { ...format, network: { ...format.network, file: "other.onnx" } };
    expect(renamed && cacheIn(renamed).read(one[0]?.bytes() ?? new Uint8Array())?.shape).toEqual([1, 1, 3]);
  });

  test("that were cut off or changed on disk are computed again", async () => {
    const { network, count } = await openCounted();
    const reading = { format: network.format, network, cache: cacheIn(network.format) };
    const inputs = scenes.slice(0, 4).map(paintedScene);
    const first = await loadPictures(inputs, reading);
    const [a = "", b = "", c = ""] = filesOf();
    truncateSync(a, 20);
    truncateSync(b, 0);
    const bytes = readFileSync(c);
    bytes[50] = (bytes[50] ?? 0) ^ 1;
    writeFileSync(c, bytes);
    const again = await loadPictures(inputs, reading);
    expect(count.pictures).toBe(7);
    expect(again).toEqual(first);
    await loadPictures(inputs, reading);
    expect(count.pictures).toBe(7);
  });

  test("without a place for them are an error that names the option", async () => {
    const { network } = await openCounted();
    const cache = cacheIn(network.format, join(folder, "mean.onnx"));
    const error = await loadPictures(scenes.slice(0, 1).map(paintedScene), {
      format: network.format,
      network,
      cache,
    }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(SeqloomError);
    expect(error).toMatchObject({ hint: "choose another folder with `cache`" });
    expect(String(error)).toContain("expected a writable file, got a path through a file.");
  });
});

describe("a broken picture", () => {
  const good = (value: number): PictureInput => ({
    bytes: () => Uint8Array.of(value),
    pixels: async (bytes) => new Uint8Array(24 * 24 * 3).fill(bytes[0] ?? 0),
  });
  const broken: PictureInput = {
    bytes: () => Uint8Array.of(7),
    pixels: async () => {
      throw new DataError("b.png: expected a picture");
    },
  };
  const missing: PictureInput = {
    ...broken,
    bytes: () => {
      throw new DataError("c.png: expected a picture");
    },
  };

  test.skipIf(skipWithoutOnnx)("is an error, or left out with its place kept", async () => {
    const { network } = await openCounted({ mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] });
    for (const reading of [{ format: network.format }, { format: network.format, network }]) {
      const inputs = [good(1), broken, good(3), missing, good(5)];
      await expect(loadPictures(inputs, reading)).rejects.toThrow(/^[bc]\.png: expected a picture$/);
      const { values } = await loadPictures(inputs, reading, { skipBroken: true });
      expect(values.map((each) => each && Math.round(each[0] ?? -1))).toEqual([1, undefined, 3, undefined, 5]);
    }
  });

  test("other faults are not left out", async () => {
    const fault: PictureInput = {
      ...broken,
      bytes: () => {
        throw new TypeError("oh");
      },
    };
    const format = { height: 1, width: 1, mean: [0, 0, 0], deviation: [1, 1, 1], channels: "rgb" } as const;
    const asked = {
      ...format,
      mean: [...format.mean] as [number, number, number],
      deviation: [1, 1, 1] as [number, number, number],
    };
    await expect(loadPictures([fault], { format: asked }, { skipBroken: true })).rejects.toThrow(TypeError);
  });
});

test.skipIf(skipWithoutSharp)("a picture's file is read at the size of the format", async () => {
  const { default: sharp } = await import("sharp");
  const path = join(folder, "a.png");
  await sharp({ create: { width: 9, height: 5, channels: 3, background: "#0a141e" } }).toFile(path);
  const input = pictureFile(path, ports);
  expect([...(await input.pixels(input.bytes(), { height: 1, width: 2 }))]).toEqual([10, 20, 30, 10, 20, 30]);
});

test("a network that is not there is named", async () => {
  await expect(openNetwork(join(folder, "none.onnx"), ports)).rejects.toThrow(
    `${join(folder, "none.onnx")}: expected a network in ONNX form, got no such file or folder.`,
  );
});
