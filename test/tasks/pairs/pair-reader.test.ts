import { describe, expect, test } from "vitest";
import { DataError, OptionError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/random.js";
import { type PairReading, readPairs } from "../../../src/tasks/pairs/pair-formats.js";
import type { PairRow, Skipped } from "../../../src/tasks/pairs/rows.js";
import { bytesOf, inChunks } from "../../helpers/chunks.js";
import { expectError } from "../../helpers/errors.js";

const read = (name: string, text: string, reading?: PairReading, skipped?: Skipped, size = 2 ** 16): PairRow[] => [
  ...readPairs(name, inChunks(bytesOf(text), size), reading, skipped),
];
const pairs = (...args: Parameters<typeof read>): [string, string][] =>
  read(...args).map(({ pair: { source, target } }) => [source, target]);

const skipHint = "skipInvalid leaves such rows out and counts them";

describe("a format is chosen", () => {
  test.each([
    ["a.tsv", "1_2\t3\n", ["1_2", "3"]],
    ["a.TSV", "1_2\t3\n", ["1_2", "3"]],
    ["a.csv", "q,a\n1,2\n", ["1", "2"]],
    ["a.jsonl", '{"source":"1","target":"2"}\n', ["1", "2"]],
    ["a.ndjson", '{"source":"1","target":"2"}\n', ["1", "2"]],
  ])("by the ending of %s", (name, text, pair) => {
    expect(pairs(name, text)).toEqual([pair]);
  });

  test.each([
    ["1_2\t3\n", ["1_2", "3"]],
    ['{"source":"1_","target":"2"}\n', ["1_", "2"]],
    ["1,2_3\n", ["1,2", "3"]],
  ])("where the ending tells nothing, by the first row: %j", (text, pair) => {
    for (const name of ["a.txt", "a", "tsv", "a.constructor"]) expect(pairs(name, text)).toEqual([pair]);
  });

  test("by the option before all", () => {
    expect(pairs("a.txt", "q,a\n1_2,3\n", { format: "csv" })).toEqual([["1_2", "3"]]);
    expect(pairs("a.csv", "1,2_3\n", { format: "book" })).toEqual([["1,2", "3"]]);
  });
});

describe("TSV", () => {
  test("takes every other character as it is", () => {
    expect(pairs("a.tsv", ' "a"" , \t\\t_\\ \n"\t"\n')).toEqual([
      [' "a"" , ', "\\t_\\ "],
      ['"', '"'],
    ]);
  });

  test("takes the columns asked for, by number or by the name in its first line", () => {
    const text = "de\ten\tid\nja\tyes\t1\nnein\tno\t2\n";
    expect(pairs("a.tsv", text)).toHaveLength(3);
    expect(pairs("a.tsv", text, { header: "yes" })[0]).toEqual(["ja", "yes"]);
    expect(pairs("a.tsv", text, { sourceColumn: "3", targetColumn: "1" })[1]).toEqual(["1", "ja"]);
    expect(read("a.tsv", text, { sourceColumn: "en", targetColumn: "de" })).toEqual([
      { line: 2, pair: { source: "yes", target: "ja" } },
      { line: 3, pair: { source: "no", target: "nein" } },
    ]);
    expect(pairs("a.tsv", text, { sourceColumn: "2", targetColumn: "de" })[0]).toEqual(["yes", "ja"]);
  });

  test("takes a number as a place, whatever the columns are called", () => {
    expect(pairs("a.tsv", "2\t1\na\tb\n", { header: "yes", sourceColumn: "1" })).toEqual([["a", "b"]]);
  });

  test.each([
    ["too few columns", "a\tb\nc\n", "a.tsv:2: expected 2 columns, as in line 1, got 1."],
    ["too many columns", "a\tb\nc\td\n\te\tf\n", "a.tsv:3: expected 2 columns, as in line 1, got 3."],
    ["no tab at all", "a b\n", "a.tsv:1: expected at least 2 columns, got 1."],
  ])("refuses %s", (_, text, message) => {
    expectError(DataError, () => read("a.tsv", text), message, `columns are separated by tabs; ${skipHint}`);
  });

  test.each<[PairReading, string]>([
    [{ sourceColumn: "3" }, "a.tsv:1: expected at least 3 columns, got 2."],
    [{ sourceColumn: "2", targetColumn: "2" }, 'a.tsv: expected two different columns, got "2" for both.'],
    [{ sourceColumn: "2" }, 'a.tsv: expected two different columns, got "2" for both.'],
    [{ sourceColumn: "en" }, 'a.tsv: expected a column "en", got "a", "b".'],
    [{ sourceColumn: "0" }, 'a.tsv: expected a column "0", got "a", "b".'],
    [{ sourceColumn: "en", header: "no" }, 'a.tsv: expected the number of a column, as no line names them, got "en".'],
  ])("refuses columns that it has not: %j", (reading, message) => {
    expectError(message.includes(":1:") ? DataError : OptionError, () => read("a.tsv", "a\tb\n", reading), message);
  });
});

describe("CSV as in RFC 4180", () => {
  const csv = (text: string): [string, string][] => pairs("a.csv", text, { header: "no" });

  test("has a header unless said otherwise", () => {
    expect(read("a.csv", "Q,A\na,b\n")).toEqual([{ line: 2, pair: { source: "a", target: "b" } }]);
    expect(csv("Q,A\na,b\n")).toHaveLength(2);
    const named = { sourceColumn: "label", targetColumn: "Q" };
    expect(pairs("a.csv", "Q,A,label\na,b,0\n", named)).toEqual([["0", "a"]]);
  });

  test("has commas, quotes and line breaks inside quotes", () => {
    expect(csv('"a,b","c ""d"""\n"""",","\n"e\nf","g\n\nh"\n')).toEqual([
      ["a,b", 'c "d"'],
      ['"', ","],
      ["e\nf", "g\n\nh"],
    ]);
  });

  test("gives the same with line breaks as Windows writes them", () => {
    const text = '"a\nb",c\nd,"e\n\n""f"""\n';
    expect(csv(text.replaceAll("\n", "\r\n"))).toEqual(csv(text));
  });

  test("keeps blanks, and quotes inside a cell that does not begin with one", () => {
    expect(csv(' a , "b" \n5" disk,say "hi"\n')).toEqual([
      [" a ", ' "b" '],
      ['5" disk', 'say "hi"'],
    ]);
  });

  test("numbers rows by the line they begin in", () => {
    expect(read("a.csv", 'q,a\n"1\n2",b\nc,"3\n4\n5"\nd,e\n').map(({ line }) => line)).toEqual([2, 4, 7]);
  });

  test("takes rows of any columns, as long as all have as many", () => {
    expect(pairs("a.csv", 'q,a,,\n1,2,,""\n')).toEqual([["1", "2"]]);
    const message = "a.csv:3: expected 4 columns, as in line 1, got 3.";
    const hint = `columns are separated by commas; ${skipHint}`;
    expectError(DataError, () => read("a.csv", "q,a,,\n1,2,,\n1,2,\n"), message, hint);
  });

  test.each([
    ['"a"b,c\n', '"b,c"'],
    ['a,"b" \n', '" "'],
    ['"a\n"b"\n', '"b""'],
  ])("refuses text behind a closing quote: %j", (text, got) => {
    const message = `a.csv:1: expected a comma or the end of the row behind a closing quote, got ${got}.`;
    expectError(DataError, () => csv(text), message, `inside a cell in quotes, " is written ""; ${skipHint}`);
  });

  test("reads what was written, whatever the cells hold and wherever a chunk ends", () => {
    const random = new Random(4180);
    const letters = ['"', ",", "\n", "a", "é", "😀", " ", "\t"];
    const cell = () =>
      `x${Array.from({ length: random.below(6) }, () => letters[random.below(8)]).join("")}`.slice(random.below(2));
    for (let i = 0; i < 300; i++) {
      const rows = Array.from({ length: 5 }, (): [string, string] => [cell() || "y", `${cell()}z`]);
      const good = rows.filter(([source]) => source.trim() !== "");
      const text = good.map((cells) => cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",")).join("\n");
      const size = [1, 2, 3, 7][i % 4];
      expect(pairs("a.csv", text, { header: "no" }, undefined, size)).toEqual(good);
    }
  });

  test("reads a cell of 90,000 quotes", () => {
    expect(csv(`"${'""'.repeat(45_000)}",b`)).toEqual([['"'.repeat(45_000), "b"]]);
  });
});

describe("JSONL", () => {
  test("takes the fields source and target, or those named", () => {
    expect(pairs("a.jsonl", '{"id":1,"target":"b","source":"a\\n\\ud83d\\ude00"}\n')).toEqual([["a\n😀", "b"]]);
    const reading = { sourceColumn: "q", targetColumn: "__proto__" };
    expect(pairs("a.jsonl", ' {"q":"1","__proto__":"2"} \r\n', reading)).toEqual([["1", "2"]]);
  });

  test.each<PairReading>([
    { sourceColumn: "q", targetColumn: "q" },
    { sourceColumn: "target" },
    { targetColumn: "source" },
  ])("refuses one field for both: %j", (reading) => {
    const [field] = Object.values(reading);
    const message = `a.jsonl: expected two different fields, got "${field}" for both.`;
    expectError(OptionError, () => read("a.jsonl", '{"source":"1","target":"2","q":"3"}\n', reading), message);
  });

  test.each([
    ["no JSON", "{source: 1}", 'expected a JSON object, got "{source: 1}".'],
    ["a list", '["a","b"]', 'expected a JSON object, got "["a","b"]".'],
    ["null", "null", 'expected a JSON object, got "null".'],
    ["other fields", '{"q":"a","a":"b"}', 'expected a field "source", got "q", "a".'],
    ["one field", '{"source":"a"}', 'expected a field "target", got "source".'],
    ["no field", "{}", 'expected a field "source", got none.'],
    ["an inherited field", '{"__proto__":{"source":"a","target":"b"}}', 'expected a field "source", got "__proto__".'],
    ["a number", '{"source":"a","target":5}', 'expected text in "target", got 5.'],
    ["null in a field", '{"source":null,"target":"a"}', 'expected text in "source", got null.'],
    ["NUL", '{"source":"a\\u0000","target":"b"}', 'expected text in "source", got "a\\u0000".'],
    ["half a pair", '{"source":"a","target":"\\ud83d"}', 'expected text in "target", got "\\ud83d".'],
  ])("refuses %s", (_, row, message) => {
    const good = '{"source":"a","target":"b"}\n';
    expectError(DataError, () => read("a.jsonl", `${good}${row}\n`), `a.jsonl:2: ${message}`, skipHint);
  });
});

test("JSONL of files and texts is refused where a row lacks its file or its text", () => {
  for (const [row, lacks, has] of [
    ['{"text":"two"}', "file", "text"],
    ['{"file":"2.wav"}', "text", "file"],
  ] as const) {
    const text = `{"file":"1.wav","text":"one"}\n${row}\n`;
    const message = `a.jsonl:2: expected a field "${lacks}", got "${has}".`;
    expectError(DataError, () => read("a.jsonl", text), message, "sourceColumn and targetColumn name the fields");
  }
});

describe("the book's lines", () => {
  test("are split before the first _ and lose the blanks that fill them", () => {
    expect(pairs("a.txt", "1+2  _3_ \n10+50_60 \n")).toEqual([
      ["1+2", "3_"],
      ["10+50", "60"],
    ]);
  });

  const hint = "each line is a question, _ and its answer, filled with blanks to the same width: 16+75  _91  ";

  test("refuse a row without _", () => {
    const message = 'a.txt:2: expected "question_answer", got "34x" without _.';
    const hints = `${hint}; \`format\` names another format; ${skipHint}`;
    expectError(DataError, () => read("a.txt", "1_2\n34x\n"), message, hints);
  });

  test("refuse another width, counted in characters", () => {
    const message = "a.txt:2: expected a question of 2 characters and an answer of 2, as in line 1, got 3 and 2.";
    expectError(DataError, () => read("a.txt", "1😀_2\n345_2\n"), message, `${hint}; ${skipHint}`);
  });

  test("have no columns to name", () => {
    const message = "a.txt: expected columns, got lines question_answer.";
    const run = () => read("a.txt", "1_2\n", { sourceColumn: "q" });
    expectError(OptionError, run, message, "`format` names another format");
  });
});
