import { DataError } from "../../engine/errors.js";
import { bitmapUri } from "../../report/bitmap.js";
import type { Files } from "../files.js";
import type { FeatureCache } from "./feature-cache.js";
import { type PictureFormat, type PictureSides, pictureKind } from "./picture-format.js";
import type { Features, PictureNetwork } from "./picture-network.js";
import { paintScene, type Scene } from "./shape-scenes.js";

/** A library that decodes picture files and resizes them. */
export interface PictureLibrary {
  /**
   * (height, width, 3) bytes of red, green and blue: turned as its camera says, on white where it is transparent, and
   * drawn to the given size with nothing cut off.
   * @throws Error if the file is broken
   */
  decode(bytes: Uint8Array, size: PictureSides): Promise<Uint8Array>;
}

/** A picture's pixels, or its features. */
export interface PictureReading {
  readonly format: PictureFormat;
  readonly network?: PictureNetwork | undefined;
  readonly cache?: FeatureCache | undefined;
}

/** A picture that has not been read yet. */
export interface PictureInput {
  /** The bytes of its source: equal bytes give equal pictures. @throws DataError if they cannot be read */
  bytes(): Uint8Array;
  /** (height, width, 3) bytes of red, green and blue. @throws DataError if it is broken */
  pixels(bytes: Uint8Array, size: PictureSides): Promise<Uint8Array>;
}

/** A picture in a file. @throws DataError if no library decodes pictures: now, since the picture is not broken */
export function pictureFile(path: string, { files, pictures }: PictureFiles): PictureInput {
  const library = expectLibrary(pictures);
  return {
    bytes: () => files.read(path, "a picture"),
    pixels: async (bytes, size) => decodeBytes(path, bytes, size, library),
  };
}

/** The ports by which picture files are read. */
export interface PictureFiles {
  readonly files: Pick<Files, "read">;
  readonly pictures?: PictureLibrary | undefined;
}

function expectLibrary(library: PictureLibrary | undefined): PictureLibrary {
  if (library) return library;
  throw new DataError("Pictures: expected the package sharp, which reads them, got none.", "npm install sharp");
}

/** Kinds of files that are decoded. */
const readable: readonly (string | undefined)[] = ["PNG", "JPEG", "WebP"];

/**
 * The pixels of a PNG, JPEG or WebP file, as `PictureLibrary.decode` gives them.
 * @param name for errors
 * @throws DataError if it is another kind of file, or broken
 */
export async function decodeBytes(
  name: string,
  bytes: Uint8Array,
  size: PictureSides,
  library: PictureLibrary,
): Promise<Uint8Array> {
  const kind = pictureKind(bytes);
  if (!readable.includes(kind)) {
    const got = bytes.length === 0 ? "an empty file" : (kind ?? "something else");
    throw new DataError(`${name}: expected a picture in PNG, JPEG or WebP form, got ${got}.`, "save it as PNG");
  }
  try {
    return await library.decode(bytes, size);
  } catch (cause) {
    const [got = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    throw new DataError(`${name}: expected a whole ${kind} picture, got a broken one: ${got.replace(/[:.\s]+$/, "")}.`);
  }
}

/** A picture of a scene. */
export function paintedScene(scene: Scene): PictureInput {
  return {
    bytes: () => new TextEncoder().encode(JSON.stringify(scene)),
    pixels: async (_, { height }) => paintScene(scene, height),
  };
}

/** Pixels of a picture's sides on pages. */
const SHOWN = 128;

/** A picture as a data URI, for a page. */
export async function pictureUri(input: PictureInput): Promise<string> {
  const size = { height: SHOWN, width: SHOWN };
  return bitmapUri(await input.pixels(input.bytes(), size), size);
}

/** Pictures as a model reads them, (Y, X, C) each: bytes of pixels, or features. */
export interface LoadedPictures {
  readonly shape: readonly [Y: number, X: number, C: number];
  /** Undefined for a broken picture. */
  readonly values: readonly (Uint8Array | Float32Array | undefined)[];
}

/** Pictures read at the same time. */
const AT_A_TIME = 32;

/**
 * Reads pictures, and computes their features if there is a network and they are not in the cache.
 * @param skipBroken leaves out broken pictures instead of throwing a DataError
 */
export async function loadPictures(
  inputs: readonly PictureInput[],
  { format, network, cache }: PictureReading,
  { skipBroken = false }: { skipBroken?: boolean | undefined } = {},
): Promise<LoadedPictures> {
  const orNone = (error: unknown): undefined => {
    if (!skipBroken || !(error instanceof DataError)) throw error;
  };
  const pixelsOf = async (input: PictureInput): Promise<Uint8Array> => input.pixels(input.bytes(), format);
  let shape: LoadedPictures["shape"] = [format.height, format.width, 3];
  const values: (Uint8Array | Float32Array | undefined)[] = [];
  for (let from = 0; from < inputs.length; from += AT_A_TIME) {
    const some = inputs.slice(from, from + AT_A_TIME);
    if (!network) values.push(...(await Promise.all(some.map((each) => pixelsOf(each).catch(orNone)))));
    else
      for (const each of await featuresOf(some, network, cache, orNone)) {
        values.push(each?.values);
        shape = each?.shape ?? shape;
      }
  }
  return { shape, values };
}

/** Features of pictures: from the cache, or computed and added to it. */
async function featuresOf(
  inputs: readonly PictureInput[],
  network: PictureNetwork,
  cache: FeatureCache | undefined,
  orNone: (error: unknown) => undefined,
): Promise<(Features | undefined)[]> {
  const read = async (input: PictureInput) => {
    const bytes = input.bytes();
    const known = cache?.read(bytes);
    return { bytes, known, pixels: known ? undefined : await input.pixels(bytes, network.format) };
  };
  const pictures = await Promise.all(inputs.map((each) => read(each).catch(orNone)));
  const computed = await network.features(pictures.flatMap((each) => each?.pixels ?? []));
  return pictures.map((picture) => {
    if (!picture?.pixels) return picture?.known;
    const features = computed.shift();
    if (features) cache?.write(picture.bytes, features);
    return features;
  });
}
