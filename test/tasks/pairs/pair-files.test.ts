import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { nodeFiles } from "../../../src/node/data-files.js";
import { openPairs, type PairSource } from "../../../src/tasks/pairs/pair-files.js";
import { describeSkipped } from "../../../src/tasks/pairs/rows.js";
import { expectError } from "../../helpers/errors.js";
import { makeFolder } from "../../helpers/folder.js";

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});

type Options = Parameters<typeof openPairs>[1];

/** Writes files into the folder that `open` looks in. */
const write = (files: Readonly<Record<string, string | Uint8Array>>): void => {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
};
const open = (name: string | undefined, options: Options = {}, seed = 1): PairSource =>
  openPairs(name, options, seed, nodeFiles({ dataDir: folder }));
const sources = (data: PairSource, part: "train" | "valid" | "test"): string[] =>
  Array.from(data.pairs(part), ({ source }) => source);
const lines = (count: number, source: (i: number) => string = String): string =>
  Array.from({ length: count }, (_, i) => `${source(i)}\t${i}\n`).join("");

describe("a file of pairs", () => {
  test("is divided by shares, losing nothing and keeping its order", () => {
    write({ "my.pairs.tsv": lines(5000) });
    const data = open("my.pairs.tsv");
    const parts = (["train", "valid", "test"] as const).map((part) => [...data.pairs(part)]);
    expect(data.name).toBe("my.pairs");
    expect(parts.map(({ length }) => length)).toEqual([data.counts.train, data.counts.valid, data.counts.test]);
    expect(Math.abs(data.counts.test - 500)).toBeLessThan(4 * Math.sqrt(450));
    expect(Math.abs(data.counts.valid - 250)).toBeLessThan(4 * Math.sqrt(237.5));
    for (const part of parts) expect(part).toEqual(part.toSorted((a, b) => Number(a.target) - Number(b.target)));
    const all = new Set(parts.flat().map(({ source }) => source));
    expect(all.size).toBe(5000);
    expect([data.duplicates, data.skipped.size, data.overlap()]).toEqual([0, 0, []]);
  });

  test("is divided alike for the same seed, and can be gone through again", () => {
    write({ "a.tsv": lines(1000) });
    const data = open("a.tsv");
    expect(sources(data, "test")).toEqual(sources(data, "test"));
    expect(sources(open("a.tsv"), "test")).toEqual(sources(data, "test"));
    expect(sources(open("a.tsv", {}, 2), "test")).not.toEqual(sources(data, "test"));
  });

  test("has no source in both training and test, unless it is divided row by row", () => {
    write({ "a.tsv": lines(2000, (i) => String(i % 700)) });
    const apart = open("a.tsv");
    const test = new Set(sources(apart, "test"));
    expect(sources(apart, "train").filter((source) => test.has(source))).toEqual([]);
    expect(apart.overlap()).toEqual([]);
    const mixed = open("a.tsv", { groupBy: "row" });
    const train = new Set(sources(mixed, "train"));
    const both = sources(mixed, "test").flatMap((source, i) => (train.has(source) ? [i] : []));
    expect(both.length).toBeGreaterThan(100);
    expect(mixed.overlap()).toEqual(both);
    expect(mixed.counts.train + mixed.counts.valid + mixed.counts.test).toBe(2000);
  });

  test("keeps pairs that occur again, and counts them", () => {
    write({ "a.tsv": `${lines(100)}${lines(30)}5\tother\n`, "b.tsv": "1\t1\n1\t1\n" });
    const data = open("a.tsv", { test: "b.tsv" });
    expect(data.duplicates).toBe(31);
    expect(data.counts.train + data.counts.valid).toBe(131);
  });

  test("holds out at most about 5,000 and 2,500 pairs of a large file, unless shares are given", () => {
    write({ "a.tsv": lines(200_000) });
    const { counts } = open("a.tsv");
    expect(Math.abs(counts.test - 5000)).toBeLessThan(4 * Math.sqrt(5000));
    expect(Math.abs(counts.valid - 2500)).toBeLessThan(4 * Math.sqrt(2500));
    const { counts: more } = open("a.tsv", { test: "0.1", valid: "0" });
    expect(Math.abs(more.test - 20_000)).toBeLessThan(4 * Math.sqrt(18_000));
    expect(more.valid).toBe(0);
  });

  test("may be as small as two pairs of different sources", () => {
    for (let seed = 0; seed < 20; seed++) {
      write({ "a.tsv": "a\t1\nb\t2\n" });
      const data = open("a.tsv", {}, seed);
      expect(data.counts).toEqual({ train: 1, valid: 0, test: 1 });
      expect([...sources(data, "train"), ...sources(data, "test")].toSorted()).toEqual(["a", "b"]);
    }
    write({ "a.tsv": "a\t1\na\t2\n" });
    expect(open("a.tsv", { groupBy: "row" }).counts).toEqual({ train: 1, valid: 0, test: 1 });
  });

  test("must be two pairs of different sources", () => {
    write({ "a.tsv": "a\t1\n", "b.tsv": "a\t1\na\t2\na\t3\n", "c.csv": "a,1\n", "d.csv": "a,1\nb,2\n" });
    expectError(DataError, () => open("a.tsv"), "a.tsv: expected at least 2 pairs, got 1.");
    const message = "b.tsv: expected at least 2 different sources, got one in all 3 pairs.";
    const hint = "`test` names a file to test on; groupBy row splits rows with equal sources";
    expectError(DataError, () => open("b.tsv"), message, hint);
    const header = "the first line was read as column names: set `header` to no";
    expectError(DataError, () => open("c.csv"), "c.csv: expected at least 2 pairs, got 0.", header);
    expectError(DataError, () => open("d.csv"), "d.csv: expected at least 2 pairs, got 1.", header);
    expect(open("d.csv", { header: "no" }).counts.train).toBe(1);
  });

  test("is refused at the first bad row, or bad rows are left out and counted once", () => {
    write({ "a.tsv": `${lines(10)}\n${lines(10)}a\n\tb\n`, "b.tsv": "a\tb\n\n" });
    const message = "a.tsv:11: expected a pair, got an empty line.";
    expectError(DataError, () => open("a.tsv"), message, "skipInvalid leaves such rows out and counts them");
    const data = open("a.tsv", { skipInvalid: true, test: "b.tsv" });
    const skipped = "4 rows skipped: 3 with an empty source or target, 1 with other columns than the first";
    expect(sources(data, "train").length + sources(data, "valid").length).toBe(20);
    expect(describeSkipped(data.skipped)).toBe(skipped);
  });

  test("of which all rows are bad says so", () => {
    write({ "a.tsv": "\n\n\t\n", "b.tsv": "a\n" });
    expectError(DataError, () => open("a.tsv"), "a.tsv:1: expected a pair, got an empty line.");
    const message = "a.tsv: expected at least 2 pairs, got 0.";
    const hint = "3 rows skipped: 3 with an empty source or target";
    expectError(DataError, () => open("a.tsv", { skipInvalid: true }), message, hint);
  });
});
