import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { parseOptions } from "../../../src/cli/options.js";
import { DataError, OptionError } from "../../../src/engine/errors.js";
import { nodeFiles } from "../../../src/node/data-files.js";
import { PairFileOptions } from "../../../src/tasks/pairs/pair-file-options.js";
import { openPairs, type PairSource } from "../../../src/tasks/pairs/pair-files.js";
import type { Pair } from "../../../src/tasks/pairs/pairs.js";
import { readData, skipWithoutData } from "../../helpers/data.js";
import { expectError } from "../../helpers/errors.js";
import { makeFolder } from "../../helpers/folder.js";

const dataDir = process.env["SEQLOOM_DATA"];

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

describe("files for parts", () => {
  beforeEach(() =>
    write({ "a.tsv": lines(1000), "v.jsonl": '{"source":"x","target":"y"}\n', "t.txt": "5  _1\nnew_2\n7  _3\n" }),
  );

  test("are taken whole, each in its own format, and training keeps what is not held out", () => {
    const data = open("a.tsv", { valid: "v.jsonl", test: "t.txt" });
    expect(data.counts).toEqual({ train: 1000, valid: 1, test: 3 });
    expect([...data.pairs("valid")]).toEqual([{ source: "x", target: "y" }]);
    expect(sources(data, "test")).toEqual(["5", "new", "7"]);
  });

  test("may overlap with training, which is told and not changed", () => {
    expect(open("a.tsv", { valid: "v.jsonl", test: "t.txt" }).overlap()).toEqual([0, 2]);
  });

  test("may be given for one part, and a share for the other", () => {
    const { counts } = open("a.tsv", { test: "t.txt" });
    expect(counts.test).toBe(3);
    expect(counts.train + counts.valid).toBe(1000);
    expect(Math.abs(counts.valid - 50)).toBeLessThan(4 * Math.sqrt(47.5));
    const { counts: other } = open("a.tsv", { valid: "v.jsonl", test: "0.2" });
    expect(other.valid).toBe(1);
    expect(other.train + other.test).toBe(1000);
    expect(Math.abs(other.test - 200)).toBeLessThan(4 * Math.sqrt(160));
  });

  test("must have a pair, and one pair to train on is enough", () => {
    write({ "none.csv": "q,a\n", "one.tsv": "a\tb\n" });
    expectError(DataError, () => open("a.tsv", { test: "none.csv" }), "none.csv: expected at least 1 pair, got 0.");
    expectError(DataError, () => open("a.tsv", { valid: "none.csv" }), "none.csv: expected at least 1 pair, got 0.");
    expectError(DataError, () => open("none.csv", { test: "t.txt" }), "none.csv: expected at least 1 pair, got 0.");
    expect(open("one.tsv", { test: "t.txt" }).counts).toEqual({ train: 1, valid: 0, test: 3 });
  });

  test.each<[Options, string]>([
    [{ test: "1" }, "test: expected a share above 0 and below 1, or a file, got 1."],
    [{ test: "0" }, "test: expected a share above 0 and below 1, or a file, got 0."],
    [{ test: "-0.5" }, "test: expected a share above 0 and below 1, or a file, got -0.5."],
    [{ valid: "1.5" }, "valid: expected a share of at least 0 and below 1, or a file, got 1.5."],
    [{ valid: "0.5", test: "0.5" }, "valid and test: expected shares below 1 together, got 0.5 and 0.5."],
  ])("are not shares: %j", (options, message) => {
    expectError(OptionError, () => open("a.tsv", options), message);
  });
});

describe("two parallel files", () => {
  const names = { sourceFile: "a.en", targetFile: "a.de" };
  beforeEach(() => {
    const column = (count: number, text: string) => Array.from({ length: count }, (_, i) => `${text}${i}\n`).join("");
    write({ "a.en": column(100, "e"), "a.de": column(100, "d"), "t.en": "e1\nx\n", "t.de": "d1\ny\n", "s.de": "d1\n" });
  });

  test("are named by sourceFile and targetFile, and so are those of a part by both with a comma between", () => {
    const data = open(undefined, { ...names, valid: "0", test: "t.en,t.de" });
    expect([data.name, data.counts, data.overlap()]).toEqual(["a", { train: 100, valid: 0, test: 2 }, [0]]);
    expect([...data.pairs("train")][99]).toEqual({ source: "e99", target: "d99" });
    expect(open(undefined, names).counts.test).toBeGreaterThan(0);
  });

  test("must be of the same length", () => {
    const message = "a.en and s.de: expected as many lines in both, got 100 and 1.";
    expectError(DataError, () => open(undefined, { ...names, targetFile: "s.de" }), message);
    const other = "t.en and s.de: expected as many lines in both, got 2 and 1.";
    expectError(DataError, () => open(undefined, { ...names, test: "t.en,s.de" }), other);
  });

  test.each<[string | undefined, Options, string]>([
    [undefined, {}, "data: expected a file of pairs, or sourceFile and targetFile, got neither."],
    [
      undefined,
      { sourceFile: "a.en" },
      "data: expected a file of pairs, or sourceFile and targetFile, got sourceFile.",
    ],
    [
      "b.tsv",
      { targetFile: "a.de" },
      "data: expected a file of pairs, or sourceFile and targetFile, got b.tsv and targetFile.",
    ],
    [undefined, { ...names, test: "t.en" }, 'test: expected two files as SOURCES,TARGETS, got "t.en".'],
    [undefined, { ...names, valid: "a,b,c" }, 'valid: expected two files as SOURCES,TARGETS, got "a,b,c".'],
    [undefined, { ...names, test: "" }, 'test: expected two files as SOURCES,TARGETS, got "".'],
    [undefined, { ...names, format: "tsv" }, "format: expected one file of pairs, got sourceFile and targetFile."],
    [undefined, { ...names, header: "no" }, "header: expected one file of pairs, got sourceFile and targetFile."],
    [
      undefined,
      { ...names, sourceColumn: "1" },
      "sourceColumn: expected one file of pairs, got sourceFile and targetFile.",
    ],
  ])("are named wrongly: %j %j", (name, options, message) => {
    expectError(OptionError, () => open(name, options), message);
  });
});

describe("the file itself", () => {
  test("is looked for as other data are, and must be a file", () => {
    mkdirSync(join(folder, "b.tsv"));
    expect(() => open("a.tsv")).toThrow(/^a\.tsv: expected a data file or the name of a generator, got neither/);
    expectError(DataError, () => open("b.tsv"), "b.tsv: expected a data file, got a folder.");
    if (process.platform !== "win32")
      expectError(DataError, () => open("/dev/null"), "/dev/null: expected a data file, got a pipe or a device.");
  });

  test("must not change while it is used", () => {
    write({ "a.tsv": lines(100) });
    const message = "a.tsv: expected an unchanged file, got one that was modified while it was read.";
    const changes: ((path: string) => void)[] = [
      (path) => appendFileSync(path, "x\ty\n"),
      (path) => utimesSync(path, 1, 1),
    ];
    for (const change of changes) {
      const data = open("a.tsv");
      change(join(folder, "a.tsv"));
      expectError(DataError, () => [...data.pairs("test")], message);
      expectError(DataError, () => data.hash(), message);
    }
  });

  test("is known by a hash of all files", () => {
    write({ "a.tsv": "a\t1\nb\t2\n", "b.tsv": lines(20), "t.tsv": "x\ty\n" });
    // printf 'a\t1\nb\t2\n' | sha256sum
    expect(open("a.tsv").hash()).toBe("6d2d1bd0abaed39e891321f7fb19d3f21108674b420432e927ae2fb4d0b7fb73");
    expect(open("a.tsv").hash()).toBe(open("a.tsv", { test: "0.5" }, 7).hash());
    const hashes = [open("a.tsv"), open("b.tsv"), open("a.tsv", { test: "t.tsv" })].map((data) => data.hash());
    expect(new Set(hashes).size).toBe(3);
  });

  test("is read in pieces: 10 MB do not stay in memory", () => {
    const file = openSync(join(folder, "a.tsv"), "w");
    const text = `${"many words that all take up room ".repeat(10)}\t`;
    for (let i = 0; i < 300; i++) writeSync(file, Array.from({ length: 100 }, (_, k) => `${text}${i},${k}\n`).join(""));
    closeSync(file);
    expect(statSync(join(folder, "a.tsv")).size).toBeGreaterThan(10_000_000);
    const data = open("a.tsv", { groupBy: "row" });
    let [count, most] = [0, 0];
    const before = process.memoryUsage().arrayBuffers;
    for (const _ of data.pairs("train"))
      if (count++ % 1000 === 0) most = Math.max(most, process.memoryUsage().arrayBuffers);
    expect(count).toBe(data.counts.train);
    expect(most - before).toBeLessThan(4_000_000);
  });
});

describe("the options", () => {
  test("come from a command line as they are", () => {
    const given = { test: "0.2", valid: "v.tsv", sourceColumn: "2", skipInvalid: true, header: "no" };
    expect(parseOptions(PairFileOptions, given)).toEqual(given);
    const message = '--format: expected one of tsv, csv, jsonl, book, got "tvs".';
    expectError(OptionError, () => parseOptions(PairFileOptions, { format: "tvs" }), message, "did you mean tsv?");
  });
});

describe("real data", () => {
  test.skipIf(skipWithoutData("chatbot-ko.csv"))("chatbot-ko.csv, a CSV file of three columns, needs no option", () => {
    const data = openPairs("chatbot-ko.csv", {}, 1, nodeFiles({ dataDir }));
    const { train, valid, test: held } = data.counts;
    expect([data.name, train + valid + held, data.duplicates]).toEqual(["chatbot-ko", 11_823, 73]);
    const pairs: Pair[] = (["train", "valid", "test"] as const).flatMap((part) => [...data.pairs(part)]);
    expect(pairs).toContainEqual({ source: "12시 땡!", target: "하루가 또 가네요." });
    expect(pairs).toContainEqual({
      source: "나 결정 잘 한거지?",
      target: "네, 이제 잘 해낼 차례예요.",
    });
    const labels = openPairs("chatbot-ko.csv", { targetColumn: "label" }, 1, nodeFiles({ dataDir }));
    expect(new Set(Array.from(labels.pairs("train"), ({ target }) => target.trim()))).toEqual(new Set(["0", "1", "2"]));
  });

  const multi30k = ["train", "val", "test_2016_flickr"].flatMap((part) =>
    ["en", "de"].map((language) => `multi30k/${part}.${language}`),
  );
  test.skipIf(skipWithoutData(...multi30k))("multi30k, six parallel files", () => {
    const [sourceFile, targetFile, ...held] = multi30k;
    const options = { sourceFile, targetFile, valid: held.slice(0, 2).join(), test: held.slice(2).join() };
    const data = openPairs(undefined, options, 1, nodeFiles({ dataDir }));
    expect(data.counts).toEqual({ train: 29_000, valid: 1014, test: 1000 });
    const [first] = data.pairs("train");
    expect(first).toEqual({
      source: "two young , white males are outside near many bushes .",
      target: "zwei junge weiße männer sind im freien in der nähe vieler büsche .",
    });
    // sort -u train.en >t; grep -cxFf t test_2016_flickr.en
    expect(data.overlap()).toHaveLength(0);
  });

  test.skipIf(skipWithoutData("cmudict.dict"))(
    "cmudict as TSV, 135,166 words of which some are spoken in several ways",
    () => {
      const rows = new TextDecoder().decode(readData("cmudict.dict")).trimEnd().split("\n");
      const tsv = rows.map((row) => row.replace(/ #.*$/, "").replace(/^([^ (]+)(\(\d\))? /, "$1\t"));
      write({ "cmudict.tsv": `${tsv.join("\n")}\n` });
      const data = open("cmudict.tsv");
      const { train, valid, test: held } = data.counts;
      expect(train + valid + held).toBe(135_166);
      expect(Math.abs(held - 5000)).toBeLessThan(400);
      expect(data.overlap()).toEqual([]);
    },
  );

  test.skipIf(skipWithoutData("date.txt"))(
    "date.txt, whose dates are never in training and test when divided anew",
    () => {
      const data = openPairs("date.txt", {}, 1, nodeFiles({ dataDir }));
      const { train, valid, test: held } = data.counts;
      expect(train + valid + held).toBe(50_000);
      expect([...data.pairs("train")][0]).toEqual({ source: "september 27, 1994", target: "1994-09-27" });
      expect(data.overlap()).toEqual([]);
    },
  );
});
