const HEAD = 54;

/**
 * Encodes a picture as a data URI of an uncompressed bitmap.
 *
 * @param pixels (height, width, 3) bytes of red, green and blue
 */
export function bitmapUri(pixels: Uint8Array, { height, width }: { height: number; width: number }): string {
  const row = Math.ceil((3 * width) / 4) * 4;
  const bytes = new Uint8Array(HEAD + height * row);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]); // BM
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, HEAD, true);
  view.setUint32(14, 40, true); // size of the header that starts here
  view.setInt32(18, width, true);
  view.setInt32(22, -height, true); // negative: rows from the top
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true); // bits per pixel
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [from, to] = [3 * (y * width + x), HEAD + y * row + 3 * x];
      for (let c = 0; c < 3; c++) bytes[to + c] = pixels[from + 2 - c] ?? 0;
    }
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return `data:image/bmp;base64,${btoa(text)}`;
}
