import * as z from "zod/mini";
import { keysOf } from "../../engine/check-options.js";

const side = z.int().check(z.minimum(1), z.maximum(4096));
const three = z.tuple([z.number(), z.number(), z.number()]);
const positive = z.number().check(z.gt(0));

/** The usual normalization and size of networks trained on ImageNet, of red, green and blue from 0 to 1. */
export const imageNet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225], size: 224 } as const;

/** An image network in ONNX form whose features are the input of the model. */
const Network = z.object({
  /** The name of its file. */
  file: z.string(),
  /** Of that file, in hexadecimal: the features of another network have other meanings. */
  sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  output: z.string(),
  /** The order of its input's axes and its output's: (N, C, Y, X) or (N, Y, X, C). */
  layout: z._default(z.enum(["nchw", "nhwc"]), "nchw"),
  /** A factor that brings its features to a mean square of 1. */
  scale: z._default(positive, 1),
});

/** The form of a model's picture input, as the model file holds it. */
export const PictureFormat = z.object({
  height: z._default(side, imageNet.size),
  width: z._default(side, imageNet.size),
  /** Of the channels, in their order, from 0 to 1. */
  mean: z._default(three, [...imageNet.mean]),
  deviation: z._default(z.tuple([positive, positive, positive]), [...imageNet.deviation]),
  channels: z._default(z.enum(["rgb", "bgr"]), "rgb"),
  /** Undefined if the model reads the pixels. */
  network: z.optional(Network),
});
export type PictureFormat = z.infer<typeof PictureFormat>;

/** Writes a picture's pixels, (height, width, 3) bytes of red, green and blue, as `height * width * 3` numbers. */
export type PixelWriter = (pixels: Uint8Array, into: Float32Array) => void;

/**
 * A writer of (value / 255 − mean) / deviation.
 * @param layout channels last, or each channel as a plane of its own
 */
export function pixelWriter(
  { height, width, mean, deviation, channels }: Omit<PictureFormat, "network">,
  layout: "nhwc" | "nchw" = "nhwc",
): PixelWriter {
  const area = height * width;
  const [step, plane] = layout === "nhwc" ? [3, 1] : [1, area];
  const planes = mean.map((center, c) => ({
    from: channels === "rgb" ? c : 2 - c,
    to: c * plane,
    values: Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - center) / (deviation[c] ?? 1)),
  }));
  return (pixels, into) => {
    for (const { from, to, values } of planes)
      for (let i = 0; i < area; i++) into[step * i + to] = values[pixels[3 * i + from] ?? 0] ?? 0;
  };
}

/** The bytes by which a kind of file is known, with their offsets. */
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

/** The kind of picture by a file's first bytes; undefined for a file of another kind. */
export function pictureKind(bytes: Uint8Array): PictureKind | undefined {
  const isThere = (at: number, text: string): boolean =>
    [...text].every((character, i) => bytes[at + i] === character.charCodeAt(0));
  return keysOf(signatures).find((kind) => signatures[kind].every(([at, text]) => isThere(at, text)));
}

/** The endings by which files are taken for pictures. */
export const pictureEnding = /\.(png|jpe?g|webp)$/i;

/** In pixels. */
export type PictureSides = Pick<PictureFormat, "height" | "width">;
