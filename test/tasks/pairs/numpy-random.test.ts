import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { mersenneTwister, numpyShuffle } from "../../../src/tasks/pairs/fixed-data.js";
import json from "../../fixtures/numpy-shuffle.json" with { type: "json" };

// Recorded by test/fixtures/numpy-shuffle.py with NumPy 1.24.2.
const ints = z.array(z.int());
const recorded = z.parse(
  z.object({
    raw: z.array(z.object({ seed: z.int(), outputs: ints })),
    shuffles: z.array(z.object({ seed: z.int(), n: z.int(), idx: ints })),
    large: z.object({ seed: z.int(), n: z.int(), first: ints, sha256: z.string() }),
  }),
  json,
);

describe("NumPy's legacy generator", () => {
  test.each(recorded.raw)("draws the same 32-bit numbers from seed $seed", ({ seed, outputs }) => {
    const next = mersenneTwister(seed);
    expect(outputs.map(() => next())).toEqual(outputs);
  });

  test.each(recorded.shuffles)("shuffles $n things as seed $seed does", ({ seed, n, idx }) => {
    expect([...numpyShuffle(seed, n)]).toEqual(idx);
  });

  test("shuffles the book's 50,000 lines as seed 1984 does, to the bit", () => {
    const { seed, n, first, sha256 } = recorded.large;
    const order = numpyShuffle(seed, n);
    expect([...order.subarray(0, first.length)]).toEqual(first);
    expect(createHash("sha256").update(order).digest("hex")).toBe(sha256);
  });

  test("leaves one thing and no thing as they are", () => {
    expect([...numpyShuffle(1984, 1)]).toEqual([0]);
    expect([...numpyShuffle(1984, 0)]).toEqual([]);
  });
});
