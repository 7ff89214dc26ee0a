import { DataError, type PictureFormat, type PictureKind, paintScene, pictureKind, shapes } from "seqloom";
import type { DrawnPicture } from "../messages.js";
import { lanczos, resampleColumns, resampleRow } from "./resample.js";

/** Those that a browser reads. */
const readable: readonly (PictureKind | undefined)[] = ["PNG", "JPEG", "WebP", "GIF", "BMP", "AVIF"];
/** Rows that are taken from a canvas at a time: for all of a photo at once some phones have no room. */
const ROWS = 128;

/** A picture of any size, turned as its camera says. @throws DataError for a file that is none, or broken */
export async function decodePicture(name: string, file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    const kind = pictureKind(new Uint8Array(await file.slice(0, 32).arrayBuffer()));
    if (readable.includes(kind))
      throw new DataError(`${name}: expected a whole ${kind} picture, got a broken one.`, "copy it again");
    const got = file.size === 0 ? "an empty file" : (kind ?? "something else");
    throw new DataError(`${name}: expected a picture in PNG, JPEG or WebP form, got ${got}.`, "save it as PNG");
  }
}

/** Its pixels as the command line reads them: (height, width, 3) bytes, on white, nothing cut off. */
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

/** A picture that no training on shapes has ever seen, another for each number. */
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
  throw new DataError("Expected room to draw a picture in, got none.", "close other pages");
}
