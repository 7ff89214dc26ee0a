import { describe, expect, test } from "vitest";
import { DataError, OptionError } from "../../../src/engine/errors.js";
import { type PairReading, readPairs } from "../../../src/tasks/pairs/pair-formats.js";
import type { Pair } from "../../../src/tasks/pairs/pairs.js";
import { describeSkipped, type PairRow, readParallelPairs, type Skipped } from "../../../src/tasks/pairs/rows.js";
import { bytesOf, inChunks } from "../../helpers/chunks.js";
import { expectError } from "../../helpers/errors.js";

const read = (name: string, text: string, reading?: PairReading, skipped?: Skipped, size = 2 ** 16): PairRow[] => [
  ...readPairs(name, inChunks(bytesOf(text), size), reading, skipped),
];
const pairs = (...args: Parameters<typeof read>): [string, string][] =>
  read(...args).map(({ pair: { source, target } }) => [source, target]);
const parallel = (a: string, b: string, skipped?: Skipped, size = 2 ** 16): PairRow[] => {
  const chunks = [inChunks(bytesOf(a), size), inChunks(bytesOf(b), size)] as const;
  return [...readParallelPairs(["a.en", "b.de"], chunks, skipped)];
};

const skipHint = "skipInvalid leaves such rows out and counts them";

describe("every format", () => {
  const text: Pair[] = [
    { source: "e\u0301\u0323 — é", target: "שלום\u200F עולם" },
    { source: "👩‍👩‍👧 🇰🇷 𝄞", target: "مرحبا" },
    { source: "\u00A0안녕\u3000", target: "\uFEFFx" },
  ];
  const files: [string, (pair: Pair) => string][] = [
    ["a.tsv", ({ source, target }) => `${source}\t${target}`],
    ["a.csv", ({ source, target }) => `"${source}",${target}`],
    ["a.jsonl", (pair) => JSON.stringify(pair)],
  ];

  test.each(files)("hands every character over as it is, wherever a chunk ends: %s", (name, write) => {
    for (const end of ["\n", "\r\n"])
      for (const size of [1, 2, 3, 7, 1000]) {
        const content = `\uFEFF${text.map((pair) => write(pair) + end).join("")}`;
        const reading: PairReading = name === "a.csv" ? { header: "no" } : {};
        const got = read(name, content, reading, undefined, size);
        expect(got).toEqual(text.map((pair, i) => ({ line: i + 1, pair })));
      }
  });

  test.each([
    ["a.tsv", "a\tb\n", "\tb\n", "source"],
    ["a.tsv", "a\tb\n", "a\t \n", "target"],
    ["a.csv", "q,a\n", '"",b\n', "source"],
    ["a.csv", "q,a\n", "a,\n", "target"],
    ["a.jsonl", '{"source":"a","target":"b"}\n', '{"source":" ","target":"b"}\n', "source"],
    ["a.txt", "a_b\n", " _b\n", "source"],
    ["a.txt", "a_b\n", "a_ \n", "target"],
  ])("refuses what is empty: %s %j %j", (name, first, row, missing) => {
    const message = `${name}:2: expected a source and a target, got an empty ${missing}.`;
    expectError(DataError, () => read(name, first + row), message, skipHint);
    for (const blank of ["\n", " \t\r\n"])
      expectError(
        DataError,
        () => read(name, first + blank),
        `${name}:2: expected a pair, got an empty line.`,
        skipHint,
      );
    expectError(DataError, () => read(name, ""), `${name}: expected pairs, got an empty file.`);
    expectError(DataError, () => read(name, "\uFEFF"), `${name}: expected pairs, got an empty file.`);
    expectError(DataError, () => read(name, "\n\n"), `${name}:1: expected a pair, got an empty line.`);
  });

  test("names the line of NUL, of what is not UTF-8 and of a row of 1 MB", () => {
    const bad = (...bytes: number[]) => [...readPairs("a.tsv", [Uint8Array.of(...bytesOf("a\tb\n"), ...bytes)])];
    const nul = "a.tsv:2: expected text, got a NUL byte.";
    expectError(DataError, () => bad(97, 0, 9, 98), nul, `a file in UTF-16 must be saved as UTF-8; ${skipHint}`);
    const none = "a.tsv:2: expected UTF-8 text, got bytes that are none.";
    expectError(DataError, () => bad(97, 9, 0xe9), none, `save the file as UTF-8; ${skipHint}`);
    const long = "a.tsv:2: expected a row of at most 100000 bytes, got 1000003.";
    expectError(DataError, () => read("a.tsv", `a\tb\n${"a".repeat(1e6)}\tbc\n`), long, skipHint);
  });
});

describe("bad rows are skipped and counted", () => {
  test("each by what is wrong with it", () => {
    const rows = ['a,"b"c', "a,b", "", "a", ",b", "a,b,c", "a,b\0", "\uD83D", "x".repeat(100_001), 'c,"d\ne"'];
    const skipped: Skipped = new Map();
    const bytes = bytesOf(rows.join("\n"));
    bytes.set([0xff, 0xff, 0xff], bytesOf(rows.slice(0, 7).join("\n")).length + 1);
    const got = [...readPairs("a.csv", [bytes], { header: "no" }, skipped)];
    expect(got).toEqual([
      { line: 2, pair: { source: "a", target: "b" } },
      { line: 10, pair: { source: "c", target: "d\ne" } },
    ]);
    expect(Object.fromEntries(skipped)).toEqual({ quotes: 1, empty: 2, columns: 2, nul: 1, encoding: 1, long: 1 });
    expect(describeSkipped(skipped)).toBe(
      "8 rows skipped: 1 with text behind a closing quote, 2 with an empty source or target, " +
        "2 with other columns than the first, 1 with a NUL byte, 1 not in UTF-8, 1 too long",
    );
  });

  test("the first good row says how many columns there are, and in which format they stand", () => {
    const skipped: Skipped = new Map();
    expect(pairs("a.tsv", "my words\na\tb\n", {}, skipped)).toEqual([["a", "b"]]);
    expect(pairs("a.txt", "\na\tb\n", {}, skipped)).toEqual([["a", "b"]]);
    expect(describeSkipped(skipped)).toBe(
      "2 rows skipped: 1 with other columns than the first, 1 with an empty source or target",
    );
  });

  test("and nothing is said of none, or two of one", () => {
    expect(describeSkipped(new Map())).toBe("no rows skipped");
    expect(describeSkipped(new Map([["json", 1]]))).toBe("1 row skipped: 1 without a JSON object of two texts");
  });

  test("but not what spoils a whole file", () => {
    const skipped: Skipped = new Map();
    const quote = "a.csv:2: expected a closing quote, got the end of the file.";
    expectError(DataError, () => read("a.csv", 'q,a\n"b,c\nd,e\n', {}, skipped), quote);
    const message = 'a.csv: expected a column "x", got "q", "a".';
    expectError(OptionError, () => read("a.csv", "q,a\nb,c\n", { sourceColumn: "x" }, skipped), message);
    expectError(DataError, () => read("a.csv", "", {}, skipped), "a.csv: expected pairs, got an empty file.");
  });
});

describe("two parallel files", () => {
  test("belong together line by line, and nothing but a line break parts them", () => {
    const want = [
      { line: 1, pair: { source: 'a\t"b', target: "1_2" } },
      { line: 2, pair: { source: "שלום", target: "😀" } },
    ];
    for (const size of [1, 2, 3, 7]) {
      expect(parallel('a\t"b\nשלום\n', "1_2\n😀", undefined, size)).toEqual(want);
      expect(parallel('\uFEFFa\t"b\r\nשלום', "1_2\n😀\n", undefined, size)).toEqual(want);
    }
  });

  test.each([
    ["a\nb\nc\n", "1\n", 3, 1],
    ["a\n", "1\n2", 1, 2],
    ["a\nb\n", "", 2, 0],
    ["a\nb\n", "1\n2\n\n", 2, 3],
  ])("must have as many lines: %j %j", (a, b, n, m) => {
    const message = `a.en and b.de: expected as many lines in both, got ${n} and ${m}.`;
    expectError(DataError, () => parallel(a, b), message);
    expectError(DataError, () => parallel(a, b, new Map()), message);
  });

  test("must not be empty", () => {
    expectError(DataError, () => parallel("", ""), "a.en and b.de: expected pairs, got an empty file.");
  });

  test("name the file of a bad line, or skip the pair", () => {
    expectError(DataError, () => parallel("a\nb\n", "1\n \n"), "b.de:2: expected a text, got an empty line.", skipHint);
    expectError(DataError, () => parallel("a\n\0\n", "1\n\n"), "a.en:2: expected text, got a NUL byte.");
    const skipped: Skipped = new Map();
    const rest = [{ line: 3, pair: { source: "c", target: "3" } }];
    expect(parallel("\nb\nc\n", "\n\0\n3\n", skipped)).toEqual(rest);
    expect(describeSkipped(skipped)).toBe("2 rows skipped: 1 with an empty source or target, 1 with a NUL byte");
  });

  test("are both let go of when the reader stops early", () => {
    const open = [true, true];
    function* chunks(i: number): Generator<Uint8Array, void> {
      try {
        for (;;) yield bytesOf("a\n");
      } finally {
        open[i] = false;
      }
    }
    for (const { line } of readParallelPairs(["a", "b"], [chunks(0), chunks(1)])) if (line === 3) break;
    expect(open).toEqual([false, false]);
  });
});
