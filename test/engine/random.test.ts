import { describe, expect, test } from "vitest";
import { philox, Random } from "../../src/engine/random.js";
import { expectClose } from "../helpers/close.js";

const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344] as const;
const ones = 0xffffffff;

// Random123's known answers for philox4x32-10, https://github.com/DEShawResearch/random123, tests/kat_vectors. The key's
// two words are our seed and stream. test/kernels/dropout.test.ts holds the C code against this one.
test.each([
  ["zeros", [0, 0, 0, 0], 0, 0, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  ["ones", [ones, ones, ones, ones], ones, ones, [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]],
  ["digits of π", pi, 0xa4093822, 0x299f31d0, [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]],
] as const)("philox gives the published words for %s", (_, counter, seed, stream, words) => {
  expect(philox([...counter], seed, stream)).toEqual(words);
});

const draws = (count: number, draw: () => number): Float64Array => Float64Array.from({ length: count }, draw);
const moment = (xs: Float64Array, power: number): number => xs.reduce((sum, x) => sum + x ** power, 0) / xs.length;

test("words are those of the counters 0, 1, 2 …, in order", () => {
  const random = new Random(3, 4);
  const expected = [0, 1, 2].flatMap((i) => philox([i, 0, 1, 0], 3, 4));
  expect(Array.from({ length: 12 }, () => random.word())).toEqual(expected);
});

test("a seed and a stream give the same numbers again, and others are unrelated", () => {
  const [a, b] = [new Random(1, 2), new Random(1, 2)];
  expect(draws(100, () => a.uniform())).toEqual(draws(100, () => b.uniform()));
  const sources = [new Random(1, 2), new Random(1, 3), new Random(2, 2), new Random(2, 1)];
  const columns = sources.map((random) => draws(4000, () => random.uniform() - 0.5));
  columns.forEach((x, i) => {
    for (const y of columns.slice(0, i)) {
      const correlation = x.reduce((sum, value, k) => sum + value * (y[k] ?? Number.NaN), 0) / 4000 / (1 / 12);
      expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(4000));
    }
  });
});

// Each bound is five standard deviations of the estimate.
describe("uniform", () => {
  const random = new Random(1);
  const xs = draws(40_000, () => random.uniform());

  test("lies in [0, 1) and has the moments 1/2, 1/3, 1/4, 1/5", () => {
    expect(Math.min(...xs)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...xs)).toBeLessThan(1);
    for (const power of [1, 2, 3, 4]) {
      const deviation = Math.sqrt((1 / (2 * power + 1) - 1 / (power + 1) ** 2) / xs.length);
      expect(Math.abs(moment(xs, power) - 1 / (power + 1)), `moment ${power}`).toBeLessThan(5 * deviation);
    }
  });

  test("fills every hundredth alike", () => {
    const counts = new Float64Array(100);
    for (const x of xs) counts[Math.floor(100 * x)] = (counts[Math.floor(100 * x)] ?? 0) + 1;
    // χ² with 99 degrees of freedom: mean 99, variance 198.
    expect(Math.abs(counts.reduce((sum, n) => sum + (n - 400) ** 2 / 400, 0) - 99)).toBeLessThan(5 * Math.sqrt(198));
  });
});

describe("normal", () => {
  test("has the moments 0, 1, 0, 3", () => {
    const random = new Random(1);
    const xs = draws(40_000, () => random.normal());
    // The variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
    [
      [0, 1],
      [1, 2],
      [0, 15],
      [3, 96],
    ].forEach(([mean = 0, variance = 0], i) => {
      expect(Math.abs(moment(xs, i + 1) - mean), `moment ${i + 1}`).toBeLessThan(5 * Math.sqrt(variance / xs.length));
    });
  });

  test("is √(−2 log u)·cos(2πv) to twelve digits", () => {
    const [random, words] = [new Random(7), new Random(7)];
    const count = 20_000;
    const expected = draws(count, () => {
      const radius = Math.sqrt(-2 * Math.log((words.word() + 1) / 2 ** 32));
      return radius * Math.cos((2 * Math.PI * words.word()) / 2 ** 32);
    });
    // The first term that Taylor's series of cos leaves out is (π/4)¹⁴/14! = 4e-13; the radius is at most 6.7.
    expectClose(
      "normal",
      draws(count, () => random.normal()),
      expected,
      { absolute: 3e-12 },
    );
  });

  test("is finite for the smallest and the largest word", () => {
    class Fixed extends Random {
      constructor(readonly fixed: number) {
        super(0);
      }
      override word(): number {
        return this.fixed;
      }
    }
    expect(new Fixed(0).normal()).toBeCloseTo(Math.sqrt(64 * Math.LN2), 12);
    expect(new Fixed(2 ** 32 - 1).normal()).toBeCloseTo(0, 12);
  });
});

describe("below", () => {
  test.each([1, 2, 3, 7, 10, 100])("%i: each as likely as the others", (n) => {
    const random = new Random(n);
    const counts = new Float64Array(n);
    for (let i = 0; i < 2000 * n; i++) {
      const value = random.below(n);
      counts[value] = (counts[value] ?? 0) + 1; // what is out of range is not counted
    }
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2000 * n);
    const chi2 = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    expect(Math.abs(chi2 - (n - 1))).toBeLessThanOrEqual(5 * Math.sqrt(2 * (n - 1)));
  });

  // 3·2³⁰ does not divide 2³²: without rejection the lower third would be drawn twice as often as the others.
  test("is fair where n is a large part of 2³²", () => {
    const random = new Random(1);
    const low = draws(10_000, () => Number(random.below(3 * 2 ** 30) < 2 ** 30));
    expect(Math.abs(moment(low, 1) - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / 10_000));
  });

  test("2³² takes every word", () => {
    const [random, words] = [new Random(1), new Random(1)];
    for (let i = 0; i < 8; i++) expect(random.below(2 ** 32)).toBe(words.word());
  });
});

describe("shuffle", () => {
  test("is a permutation, in place, of arrays and typed arrays", () => {
    const list = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = new Random(1).shuffle(list);
    expect(shuffled).toBe(list);
    expect(shuffled).not.toEqual(shuffled.toSorted((a, b) => a - b));
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect([...new Random(1).shuffle(Int32Array.from({ length: 100 }, (_, i) => i))]).toEqual(shuffled);
    expect(new Random(1).shuffle([])).toEqual([]);
    expect(new Random(1).shuffle(["a"])).toEqual(["a"]);
  });

  test("gives each of the 24 orders of four alike", () => {
    const random = new Random(1);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = random.shuffle(["a", "b", "c", "d"]).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chi2 = [...counts.values()].reduce((sum, n) => sum + (n - 500) ** 2 / 500, 0);
    expect(Math.abs(chi2 - 23)).toBeLessThan(5 * Math.sqrt(46));
  });
});
