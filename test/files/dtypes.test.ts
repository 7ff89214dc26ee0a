import { describe, expect, test } from "vitest";
import { Random } from "../../src/engine/random.js";
import { fromHalf, LARGEST_HALF, toHalf } from "../../src/files/dtypes.js";

/** The bits of all numbers but infinities and NaN: the exponent 31 is theirs. */
const finite = Array.from({ length: 65_536 }, (_, half) => half).filter((half) => ((half >> 10) & 31) < 31);

describe("float16", () => {
  // NumPy 2.4.6: hex(np.float32(x).astype(np.float16).view(np.uint16))
  test.each([
    ["a tenth", 0.1, 0x2e66],
    ["minus a third", -1 / 3, 0xb555],
    ["π", Math.PI, 0x4248],
    ["a number of five digits", -12_345.678, 0xf207],
    ["a tie, down to the even one", 1 + 2 ** -11, 0x3c00],
    ["a tie, up to the even one", 1 + 3 * 2 ** -11, 0x3c02],
    ["just above a tie", 1 + 2 ** -11 + 2 ** -23, 0x3c01],
    ["an odd integer above 2,048", 2049, 0x6800],
    ["another, up", 2051, 0x6802],
    ["the largest", 65_504, 0x7bff],
    ["the least normal number", 2 ** -14, 0x0400],
    ["a tie that becomes it", 2 ** -14 - 2 ** -25, 0x0400],
    ["the greatest subnormal number", 2 ** -14 - 2 ** -24, 0x03ff],
    ["a subnormal number", 6.1e-5, 0x03ff],
    ["the least subnormal number", 2 ** -24, 0x0001],
    ["half of it, down to zero", 2 ** -25, 0x0000],
    ["just above half of it", 2 ** -25 + 2 ** -48, 0x0001],
    ["one and a half of it, up", 3 * 2 ** -25, 0x0002],
    ["less than half of it, below zero", -(2 ** -26), 0x8000],
    ["minus zero", -0, 0x8000],
    ["the least float32", 1e-45, 0x0000],
  ])("of %s is NumPy's", (_, x, half) => {
    expect(toHalf(x).toString(16)).toBe(half.toString(16));
  });

  test("of each of its own numbers is itself, all 63,488 of them", () => {
    expect(finite).toHaveLength(63_488);
    expect(finite.filter((half) => toHalf(fromHalf(half)) !== half)).toEqual([]);
  });

  test("is the nearest to any number", () => {
    const sizes = finite.filter((half) => half < 0x8000).map(fromHalf);
    const random = new Random(1);
    const wrong: number[] = [];
    for (let round = 0; round < 20_000; round++) {
      const x = Math.fround(Math.min(LARGEST_HALF, random.uniform() * 2 ** (random.below(43) - 26)));
      const half = toHalf(x);
      const distance = Math.abs(fromHalf(half) - x);
      const isNearest = [half - 1, half + 1].every((other) => !(Math.abs((sizes[other] ?? Number.NaN) - x) < distance));
      if (!isNearest || toHalf(-x) !== half + 0x8000) wrong.push(x);
    }
    expect(wrong).toEqual([]);
  });
});
