import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataError, SeqloomError } from "../engine/errors.js";
import type { FeatureStore } from "../tasks/captions/feature-cache.js";
import { decodeBytes, type PictureLibrary } from "../tasks/captions/load-pictures.js";
import type { PictureSides } from "../tasks/captions/picture-format.js";
import type { OnnxRuntime } from "../tasks/captions/picture-network.js";
import type { PicturePorts } from "../tasks/captions/picture-reading.js";
import { nodeFiles, userCacheFolder } from "./data-files.js";
import { readBytes, reason } from "./files.js";

/** The exports of an optional peer dependency, or undefined if it is not installed. */
function requirePackage(name: string, load: (name: string) => unknown = createRequire(import.meta.url)): unknown {
  try {
    return load(name);
  } catch {
    return undefined;
  }
}

/** The package that runs image networks, or undefined if it is not installed. */
export function requireOnnx(load?: (name: string) => unknown): OnnxRuntime | undefined {
  const runtime = requirePackage("onnxruntime-node", load);
  return isRuntime(runtime) ? runtime : undefined;
}

function isRuntime(runtime: unknown): runtime is OnnxRuntime {
  return typeof runtime === "object" && runtime !== null && "InferenceSession" in runtime && "Tensor" in runtime;
}

/** The part of the package sharp that is used. */
export type Sharp = (bytes: Uint8Array, options: object) => SharpPicture;

interface SharpPicture {
  rotate(): SharpPicture;
  flatten(options: { background: string }): SharpPicture;
  toColourspace(name: string): SharpPicture;
  resize(width: number, height: number, options: { fit: "fill" }): SharpPicture;
  removeAlpha(): SharpPicture;
  raw(): SharpPicture;
  png(): SharpPicture;
  toBuffer(): Promise<Uint8Array>;
}

/** The package sharp. @throws DataError if it is not installed */
export function requireSharp(load?: (name: string) => unknown): Sharp {
  const library = requirePackage("sharp", load);
  if (isSharp(library)) return library;
  throw new DataError("Pictures: expected the package sharp, which reads them, got none.", "npm install sharp");
}

const isSharp = (library: unknown): library is Sharp => typeof library === "function";

/** The decoder of picture files that sharp provides. */
export function sharpPictures(sharp: Sharp = requireSharp()): PictureLibrary {
  return {
    decode: (bytes, { height, width }) =>
      sharp(bytes, { failOn: "error" })
        .rotate()
        .flatten({ background: "white" })
        .toColourspace("srgb")
        .resize(width, height, { fit: "fill" })
        .removeAlpha()
        .raw()
        .toBuffer(),
  };
}

/**
 * Reads a PNG, JPEG or WebP file as (height, width, 3) bytes of red, green and blue.
 * @throws DataError if there is no such file, it is of another kind or broken, or sharp is not installed
 */
export async function readPicture(path: string, size: PictureSides, pictures = sharpPictures()): Promise<Uint8Array> {
  return decodeBytes(path, readBytes(path, "a picture"), size, pictures);
}

/** The same, of a file's bytes. @param name for errors */
export async function decodePicture(
  name: string,
  bytes: Uint8Array,
  size: PictureSides,
  pictures = sharpPictures(),
): Promise<Uint8Array> {
  return decodeBytes(name, bytes, size, pictures);
}

/** The bytes of a PNG file. @param pixels (height, width, 3) bytes of red, green and blue */
export async function encodePng(
  pixels: Uint8Array,
  { height, width }: PictureSides,
  sharp = requireSharp(),
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}

/**
 * The ports of captions in Node.
 * @param options dataDir: searched first for networks; cache: the folder for features, by default the user's
 */
export function nodePicturePorts({
  dataDir,
  cache = userCacheFolder(),
}: {
  readonly dataDir?: string | undefined;
  readonly cache?: string | undefined;
} = {}): PicturePorts {
  const sharp = requirePackage("sharp");
  return {
    files: nodeFiles({ dataDir }),
    pictures: isSharp(sharp) ? sharpPictures(sharp) : undefined,
    onnx: requireOnnx(),
    features: folderStore(cache),
  };
}

/** Features in a folder, a file each. */
function folderStore(folder: string): FeatureStore {
  return {
    read(name) {
      try {
        return readFileSync(join(folder, name));
      } catch {
        return undefined;
      }
    },
    write(name, bytes) {
      const path = join(folder, name);
      const temporary = `${path}.${process.pid}.new`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(temporary, bytes);
        renameSync(temporary, path);
      } catch (cause) {
        throw new SeqloomError(
          `${path}: expected a writable file, got ${reason(cause)}.`,
          "choose another folder with `cache`",
        );
      }
    },
  };
}
