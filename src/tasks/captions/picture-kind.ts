import { keysOf } from "../../engine/check-options.js";

/** What the first bytes of a file say it is, at their places. */
const signatures = {
  PNG: [[0, "\x89PNG\r\n\x1a\n"]],
  JPEG: [[0, "\xff\xd8\xff"]],
  WebP: [
    [0, "RIFF"],
    [8, "WEBP"],
  ],
  GIF: [[0, "GIF8"]],
  BMP: [[0, "BM"]],
  TIFF: [[0, "II*\0"]],
  AVIF: [[4, "ftypavif"]],
  HEIC: [[4, "ftyphei"]],
  SVG: [[0, "<svg"]],
} as const satisfies Record<string, readonly (readonly [at: number, bytes: string])[]>;

export type PictureKind = keyof typeof signatures;

/** What kind of picture a file says it is; undefined for a file of another kind. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const isThere = (at: number, text: string): boolean =>
    [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
  return keysOf(signatures).find((kind) => signatures[kind].every(([at, text]) => isThere(at, text)));
}
