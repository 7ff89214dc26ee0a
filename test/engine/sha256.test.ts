import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../src/engine/sha256.js";

test.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 1000])("the SHA-256 of %d bytes is Node's", (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) % 256);
  expect(sha256([bytes])).toBe(createHash("sha256").update(bytes).digest("hex"));
});

test("texts and arrays of any type are hashed one after the other", () => {
  const parts = ["grün", Int32Array.of(1, -2), Float64Array.of(0.5), new Uint8Array(200).subarray(3, 150)];
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  expect(sha256(parts)).toBe(hash.digest("hex"));
});
