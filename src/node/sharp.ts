import { createRequire } from "node:module";
import { DataError } from "../engine/errors.js";
import type { PictureFormat } from "../tasks/captions/picture-format.js";
import { pictureKind } from "../tasks/captions/picture-kind.js";
import { readBytes } from "./files.js";

/** What is used of the package sharp, an optional peer dependency. */
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

/** In pixels. */
export type PictureSides = Pick<PictureFormat, "height" | "width">;

/** The package sharp. @throws DataError where it is not installed */
export function requireSharp(load: (name: string) => unknown = createRequire(import.meta.url)): Sharp {
  try {
    const library = load("sharp");
    if (isSharp(library)) return library;
  } catch {}
  throw new DataError("Pictures: expected the package sharp, which reads them, got none.", "npm install sharp");
}

const isSharp = (library: unknown): library is Sharp => typeof library === "function";

/** What sharp is asked to read. */
const readable: readonly (string | undefined)[] = ["PNG", "JPEG", "WebP"];

/** The endings of files that are taken for pictures. */
export const pictureEnding = /\.(png|jpe?g|webp)$/i;

/**
 * Reads a PNG, JPEG or WebP file as (height, width, 3) bytes of red, green and blue: turned as its camera says, on white
 * where it is transparent, and drawn to the size asked for with nothing cut off.
 * @throws DataError where there is no such file, it is of another kind or broken, or sharp is not installed
 */
export async function readPicture(path: string, size: PictureSides, sharp = requireSharp()): Promise<Uint8Array> {
  return decodePicture(path, readBytes(path, "a picture"), size, sharp);
}

/** The same of a file's bytes. @param name how errors call it */
export async function decodePicture(
  name: string,
  bytes: Uint8Array,
  { height, width }: PictureSides,
  sharp = requireSharp(),
): Promise<Uint8Array> {
  const kind = pictureKind(bytes);
  if (!readable.includes(kind)) {
    const got = bytes.length === 0 ? "an empty file" : (kind ?? "something else");
    throw new DataError(`${name}: expected a picture in PNG, JPEG or WebP form, got ${got}.`, "save it as PNG");
  }
  try {
    const picture = sharp(bytes, { failOn: "error" })
      .rotate()
      .flatten({ background: "white" })
      .toColourspace("srgb")
      .resize(width, height, { fit: "fill" });
    return await picture.removeAlpha().raw().toBuffer();
  } catch (cause) {
    const [got = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    throw new DataError(`${name}: expected a whole ${kind} picture, got a broken one: ${got.replace(/[:.\s]+$/, "")}.`);
  }
}

/** The bytes of a PNG file. */
export async function encodePng(
  pixels: Uint8Array,
  { height, width }: PictureSides,
  sharp = requireSharp(),
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
}
