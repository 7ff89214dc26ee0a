import { expect, test } from "vitest";
import { bitmapUri } from "../../src/report/bitmap.js";

test("a picture becomes the address of a bitmap: rows from the top, filled to four bytes, blue first", () => {
  const uri = bitmapUri(Uint8Array.of(255, 0, 0, 0, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12), {
    height: 3,
    width: 2,
  });
  const [head, content = ""] = uri.split(",");
  expect(head).toBe("data:image/bmp;base64");
  const bytes = Buffer.from(content, "base64");
  // Recipe: BITMAPFILEHEADER and BITMAPINFOHEADER of a 24-bit picture, by Microsoft's description of the format
  expect([bytes.toString("latin1", 0, 2), bytes.readUInt32LE(2), bytes.readUInt32LE(10)]).toEqual(["BM", 78, 54]);
  expect([bytes.readUInt32LE(14), bytes.readInt32LE(18), bytes.readInt32LE(22)]).toEqual([40, 2, -3]);
  expect([bytes.readUInt16LE(26), bytes.readUInt16LE(28), bytes.readUInt32LE(30)]).toEqual([1, 24, 0]);
  expect([...bytes.subarray(54)]).toEqual([
    0, 0, 255, 0, 255, 0, 0, 0, 3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0,
  ]);
});
