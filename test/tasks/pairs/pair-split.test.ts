import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/random.js";
import { readFixedPairs, splitPairs } from "../../../src/tasks/pairs/fixed-data.js";
import { PairScan } from "../../../src/tasks/pairs/pair-files.js";
import {
  decodePairs,
  findOverlap,
  hashRow,
  hashSource,
  hashText,
  type SplitName,
  splitAt,
  splitOf,
} from "../../../src/tasks/pairs/pairs.js";
import { readData, skipWithoutData } from "../../helpers/data.js";

/** Texts that differ in little: numbers, sums, dates, one letter repeated, and words that end alike. */
const families: Readonly<Record<string, (i: number) => string>> = {
  numbers: (i) => String(i),
  sums: (i) => `${i % 1000}+${Math.floor(i / 1000)}`,
  dates: (i) => new Date(i * 86_400_000).toISOString().slice(0, 10),
  "long texts": (i) => `${String.fromCharCode(97 + (i % 26))}${"the same words again ".repeat(5)}${i}`,
  Hangul: (i) => String.fromCharCode(0xac00 + (i % 11_172), 0xac00 + Math.floor(i / 11_172)),
};

describe("a source's place", () => {
  const N = 50_000;
  const places = (text: (i: number) => string, seed: number): number[] =>
    Array.from({ length: N }, (_, i) => hashSource(text(i), seed));

  /** Pearson's χ² of counts against equal ones; with 99 degrees of freedom it exceeds 149 once in 1,000 draws. */
  const chiSquared = (counts: readonly number[]): number => {
    const mean = counts.reduce((a, b) => a + b) / counts.length;
    return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  };

  test.each(Object.entries(families))("is any, equally likely: %s", (_, text) => {
    for (const seed of [0, 1984]) {
      const counts = Array.from({ length: 100 }, () => 0);
      for (const place of places(text, seed)) {
        const bin = Math.floor((place / 2 ** 32) * 100);
        counts[bin] = (counts[bin] ?? 0) + 1;
      }
      expect(chiSquared(counts)).toBeLessThan(149);
      expect(chiSquared(counts)).toBeGreaterThan(55);
    }
  });

  test.each(Object.entries(families))("says nothing of its place under another seed: %s", (_, text) => {
    const [a, b] = [places(text, 1), places(text, 2)];
    const counts = Array.from({ length: 100 }, () => 0);
    for (const [i, place] of a.entries()) {
      const bin = 10 * Math.floor((place / 2 ** 32) * 10) + Math.floor(((b[i] ?? 0) / 2 ** 32) * 10);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    expect(chiSquared(counts)).toBeLessThan(149);
  });

  test("stays what it was when this was written, or everyone's files would be divided anew", () => {
    expect([hashSource("", 1), hashSource("a", 1), hashSource("😀 é", 2)]).toEqual([
      3272322135, 2565320617, 1289071405,
    ]);
    expect([hashRow(0, 1), hashRow(1, 1)]).toEqual([2862894665, 1735664302]);
  });

  test("comes from 64 bits, which no two of 250,000 texts share", () => {
    const hashes = new Set<number>();
    for (const text of Object.values(families))
      for (let i = 0; i < N; i++) {
        const [a, b] = hashText(text(i));
        hashes.add((a % 2 ** 21) * 2 ** 32 + b);
      }
    expect(hashes.size).toBe(5 * N);
    // the first 32 are FNV-1a, with these of its published test vectors
    expect(["", "a", "foobar"].map((text) => hashText(text)[0])).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });
});

describe("a split by shares", () => {
  const shares = { valid: 0.05, test: 0.1 };
  const divide = (sources: readonly string[], seed: number): Record<SplitName, string[]> => {
    const parts: Record<SplitName, string[]> = { train: [], valid: [], test: [] };
    for (const source of sources) parts[splitOf(source, shares, seed)].push(source);
    return parts;
  };
  const all = Array.from({ length: 100_000 }, (_, i) => `${i % 60_000}+1`);

  test("has the shares asked for, within four standard deviations", () => {
    const { train, valid, test: held } = divide(all.slice(0, 60_000), 3);
    expect(Math.abs(held.length - 6000)).toBeLessThan(4 * Math.sqrt(60_000 * 0.1 * 0.9));
    expect(Math.abs(valid.length - 3000)).toBeLessThan(4 * Math.sqrt(60_000 * 0.05 * 0.95));
    expect(train.length + valid.length + held.length).toBe(60_000);
  });

  test("has no source in two parts", () => {
    const { train, valid, test: held } = divide(all, 3);
    expect([findOverlap(train, held), findOverlap(train, valid), findOverlap(valid, held)]).toEqual([[], [], []]);
  });

  test("depends on the seed, and not on the order or on what else there is", () => {
    const held = divide(all, 3).test;
    expect(divide(all, 3).test).toEqual(held);
    const shuffled = divide(new Random(5).shuffle([...all]), 3).test;
    expect(shuffled.toSorted()).toEqual(held.toSorted());
    const few = all.slice(500, 1500);
    expect(divide(few, 3).test).toEqual(few.filter((source) => new Set(held).has(source)));
    const other = new Set(divide(all, 4).test);
    const both = held.filter((source) => other.has(source)).length / held.length;
    expect(both).toBeGreaterThan(0.08);
    expect(both).toBeLessThan(0.12);
  });

  test("keeps what it holds out when more is to be held out", () => {
    const more = { valid: 0, test: 0.2 };
    for (const source of all.slice(0, 10_000))
      if (splitOf(source, shares, 3) === "test") expect(splitOf(source, more, 3)).toBe("test");
  });

  test("takes places for the test first, then for validation", () => {
    const at = (share: number): SplitName => splitAt(share * 2 ** 32, { valid: 0.25, test: 0.5 });
    expect([at(0), at(0.5 - 2 ** -32), at(0.5), at(0.75 - 2 ** -32), at(0.75), at(1 - 2 ** -32)]).toEqual([
      "test",
      "test",
      "valid",
      "valid",
      "train",
      "train",
    ]);
  });

  test("row by row, has the shares too, whatever the sources", () => {
    let held = 0;
    for (let row = 0; row < 100_000; row++) if (splitAt(hashRow(row, 1), shares) === "test") held++;
    expect(Math.abs(held - 10_000)).toBeLessThan(4 * Math.sqrt(100_000 * 0.1 * 0.9));
  });
});

describe("what a scan remembers", () => {
  const scanOf = (pairs: readonly [string, string][], places: readonly number[] = []): PairScan => {
    const scan = new PairScan();
    for (const [i, [source, target]] of pairs.entries()) scan.add({ source, target }, places[i] ?? i);
    return scan;
  };

  test("pairs that had occurred before are counted, sources alone are not", () => {
    const pairs: [string, string][] = [
      ["a", "b"],
      ["a", "c"],
      ["ab", ""],
      ["a", "b"],
      ["", "ab"],
      ["a", "b"],
      ["a", "c"],
    ];
    const scan = scanOf(pairs);
    expect([scan.count, scan.countDuplicates()]).toEqual([7, 3]);
    expect(scanOf([]).countDuplicates()).toBe(0);
  });

  test("also many, after the memory has grown", () => {
    const pairs = Array.from({ length: 10_000 }, (_, i): [string, string] => [String(i % 3000), "x"]);
    const scan = scanOf(pairs);
    expect([scan.count, scan.countDuplicates(), scan.countDuplicates()]).toEqual([10_000, 7000, 7000]);
    const parts = scan.countSplits({ test: 2500 / 2 ** 32, valid: 500 / 2 ** 32 });
    expect(parts).toEqual({ test: 2500, valid: 500, train: 7000 });
  });

  test.each<[string, readonly number[], Record<SplitName, number>]>([
    ["two, far behind the share", [0.8, 0.9], { train: 1, valid: 0, test: 1 }],
    ["two, within the share", [0.01, 0.02], { train: 1, valid: 0, test: 1 }],
    ["two side by side", [0.8, 0.8 + 2 ** -32], { train: 1, valid: 0, test: 1 }],
    ["the first place and the last", [0, 1 - 2 ** -32], { train: 1, valid: 0, test: 1 }],
    ["three that would all be held out", [0.01, 0.11, 0.14], { train: 1, valid: 1, test: 1 }],
    ["three that would all be in training", [0.5, 0.52, 0.9], { train: 1, valid: 1, test: 1 }],
    ["one source only", [0.5, 0.5, 0.5], { train: 3, valid: 0, test: 0 }],
    ["as many as it takes", [0.05, 0.12, 0.5, 0.9], { train: 2, valid: 1, test: 1 }],
    ["none", [], { train: 0, valid: 0, test: 0 }],
  ])("shares leave something for the test and for training: %s", (_, places, counts) => {
    const pairs = places.map((): [string, string] => ["a", "b"]);
    const words = places.map((place) => Math.floor(place * 2 ** 32));
    const scan = scanOf(pairs, words);
    expect(scan.countSplits(scan.fit({ valid: 0.05, test: 0.1 }))).toEqual(counts);
  });

  test("shares stay as they are where there is enough, and none is held out for a test that has its own file", () => {
    const scan = scanOf(
      [
        ["a", "b"],
        ["c", "d"],
      ],
      [0.01 * 2 ** 32, 0.9 * 2 ** 32],
    );
    expect(scan.fit({ valid: 0.25, test: 0.125 })).toEqual({ valid: 0.25, test: 0.125 });
    expect(scan.fit({ valid: 0.25, test: 0 })).toEqual({ valid: 0.25, test: 0 });
    expect(scan.fit({ valid: 0.05, test: 0.1 }).test).toBeCloseTo(0.1, 9);
  });

  test("of any two or more places, some are for the test and some for training", () => {
    const random = new Random(7);
    for (let i = 0; i < 2000; i++) {
      const words = Array.from({ length: 2 + random.below(4) }, () => Math.floor(2 ** 32 * random.uniform() ** 8));
      const scan = scanOf(
        words.map(() => ["a", "b"]),
        words,
      );
      const { train, test: held } = scan.countSplits(scan.fit({ valid: random.uniform() / 2, test: 0.1 }));
      if (new Set(words).size > 1) expect([train > 0, held > 0]).toEqual([true, true]);
    }
  });
});

describe("sources of the test that also occur in training", () => {
  test("are found by their index, each as often as it stands in the test", () => {
    expect(findOverlap(["a", "b", "a", "__proto__"], ["c", "a", "b", "a", "B", "__proto__"])).toEqual([1, 2, 3, 5]);
    expect(findOverlap([], ["a"])).toEqual([]);
    expect(findOverlap(["a"], [])).toEqual([]);
  });

  test.skipIf(skipWithoutData("date.txt"))("1,405 of the 5,000 of date.txt in the book's split", () => {
    const data = splitPairs("date", readFixedPairs("date.txt", readData("date.txt")), { kind: "book" });
    const [train, held] = [data.train, data.test].map((part) =>
      decodePairs(data.tokenizer, part).map(({ source: question }) => question),
    );
    expect(held).toHaveLength(5000);
    const overlap = findOverlap(train ?? [], held ?? []);
    expect(overlap).toHaveLength(1405);
    const seen = new Set(train);
    expect(overlap.every((index) => seen.has(held?.[index] ?? ""))).toBe(true);
  });
});
