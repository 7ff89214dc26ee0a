import { DataError, type PictureFormat, type PictureKind, paintScene, pictureKind, shapes } from "seqloom";
import type { DrawnPicture } from "../messages.js";
import { lanczos, resampleColumns, resampleRow } from "./resample.js";

/** The formats that browsers decode. */
const readable: readonly (PictureKind | undefined)[] = ["PNG", "JPEG", "WebP", "GIF", "BMP", "AVIF"];
/** Rows read from a canvas at a time: some phones lack the memory for a whole photo. */
const ROWS = 128;

/** Decodes a picture of any size and applies its EXIF orientation. @throws DataError if it is no picture, or corrupt */
export async function decodePicture(name: string, file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    const kind = pictureKind(new Uint8Array(await file.slice(0, 32).arrayBuffer()));
    if (readable.includes(kind))
      throw new DataError(`${name}: expected a valid ${kind} file, got a corrupt one.`, "copy it again");
    const got = file.size === 0 ? "an empty file" : (kind ?? "another kind of file");
    throw new DataError(`${name}: expected a PNG, JPEG or WebP picture, got ${got}.`, "save it as PNG");
  }
}

/** The same pixels as on the command line: (height, width, 3) bytes, resized without cropping, on white. */
export function pixelsOf(picture: ImageBitmap, { height, width }: Pick<PictureFormat, "height" | "width">): Uint8Array {
  const taps = lanczos(picture.width, width);
  const rows: Float32Array[] = [];
  const canvas = new OffscreenCanvas(picture.width, ROWS);
  const context = expectContext(canvas.getContext("2d", { willReadFrequently: true }));
  context.fillStyle = "white";
  for (let from = 0; from < picture.height; from += ROWS) {
    context.fillRect(0, 0, picture.width, ROWS);
    context.drawImage(picture, 0, -from);
    const { data } = context.getImageData(0, 0, picture.width, Math.min(ROWS, picture.height - from));
    for (let at = 0; at < data.length; at += 4 * picture.width)
      rows.push(resampleRow(data.subarray(at, at + 4 * picture.width), taps));
  }
  return resampleColumns(rows, lanczos(picture.height, height));
}

/** Draws a picture from outside the training set of shapes; each number gives a different one. */
export async function drawPicture(number: number, side: number): Promise<DrawnPicture> {
  const [drawn] = shapes({ count: 20, captions: 1, seed: number }).test;
  if (!drawn) throw new Error("drawPicture: expected a picture.");
  const pixels = paintScene(drawn.scene, side);
  const canvas = new OffscreenCanvas(side, side);
  const context = expectContext(canvas.getContext("2d"));
  const image = context.createImageData(side, side);
  for (let i = 0; i < side * side; i++) image.data.set([...pixels.subarray(3 * i, 3 * i + 3), 255], 4 * i);
  context.putImageData(image, 0, 0);
  return { file: await canvas.convertToBlob(), caption: drawn.captions[0] ?? "" };
}

function expectContext(context: OffscreenCanvasRenderingContext2D | null): OffscreenCanvasRenderingContext2D {
  if (context) return context;
  throw new DataError("Expected memory for a canvas, got none.", "close other pages");
}
