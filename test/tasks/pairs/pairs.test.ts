import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { readFixedPairs, splitPairs } from "../../../src/tasks/pairs/fixed-data.js";
import { decodePairs, encodePairs, type Pair } from "../../../src/tasks/pairs/pairs.js";
import { fixedPairsOf } from "../../helpers/data.js";
import { expectError } from "../../helpers/errors.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const parse = (text: string): Pair[] => readFixedPairs("a.txt", bytes(text));
const hint = "each line is a question, _ and its answer";

describe("reading pairs", () => {
  test("splits each line before its first _", () => {
    expect(parse("1+2 _3 \n10+5_15\n")).toEqual([
      { source: "1+2 ", target: "_3 " },
      { source: "10+5", target: "_15" },
    ]);
    expect(parse("a_b_c\nd_e_f")).toEqual([
      { source: "a", target: "_b_c" },
      { source: "d", target: "_e_f" },
    ]);
  });

  test("needs no line break at the end, and takes CRLF and a byte order mark", () => {
    const pairs = parse("a_b\nc_d\n");
    expect(parse("a_b\nc_d")).toEqual(pairs);
    expect(parse("a_b\r\nc_d\r\n")).toEqual(pairs);
    expect(parse("a_b\r\nc_d")).toEqual(pairs);
    expect(parse("\uFEFFa_b\nc_d")).toEqual(pairs);
  });

  test("counts a character outside the basic plane as one", () => {
    expect(parse("🎉a_b\nab_🎉\n")).toHaveLength(2);
  });

  test("takes any character but the line break, NUL too", () => {
    expect(parse("a\0_b\nc\t_d\n")).toEqual([
      { source: "a\0", target: "_b" },
      { source: "c\t", target: "_d" },
    ]);
  });

  test("takes lines of up to 10,000 bytes", () => {
    const line = `${"a".repeat(9_998)}_b`;
    expect(parse(`${line}\n${line}\r\n`)).toHaveLength(2);
  });

  test.each([
    ["an empty line", "1_2\n\n3_4\n", 'a.txt:2: expected "question_answer", got an empty line.'],
    ["a second line break at the end", "1_2\n3_4\n\n", 'a.txt:3: expected "question_answer", got an empty line.'],
    ["no separator", "1_2\n34x\n", 'a.txt:2: expected "question_answer", got "34x" without _.'],
    [
      "a long line without separator",
      `1_2\n${"🎉".repeat(50)}\n`,
      `a.txt:2: expected "question_answer", got "${"🎉".repeat(40)}…" without _.`,
    ],
    [
      "a line that would colour the terminal",
      "1_2\n\u001b[31m\n",
      'a.txt:2: expected "question_answer", got "\\u001b[31m" without _.',
    ],
    [
      "a wider question",
      "1_2\n34_5\n",
      "a.txt:2: expected a question of 1 characters and an answer of 2, as in line 1, got 2 and 2.",
    ],
    [
      "a narrower answer",
      "1_23\n3_4\n",
      "a.txt:2: expected a question of 1 characters and an answer of 3, as in line 1, got 1 and 2.",
    ],
    ["no question", "_1\n_2\n", 'a.txt:1: expected a question and an answer, got "_1".'],
    ["no answer", "1_\n2_\n", 'a.txt:1: expected a question and an answer, got "1_".'],
  ])("refuses %s", (_, text, message) => {
    expectError(DataError, () => parse(text), message, hint);
  });

  test.each([
    ["an empty file", "", "a.txt: expected at least two lines, got 0."],
    ["a single line", "1_2\n", "a.txt: expected at least two lines, got 1."],
  ])("refuses %s", (_, text, message) => {
    expectError(DataError, () => parse(text), message);
  });

  test.each([
    ["a byte that is none", [0xff]],
    ["a character cut short", [0xe2, 0x82]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["an overlong form", [0xc0, 0xaf]],
  ])("refuses text that is not UTF-8: %s", (_, wrong) => {
    const message = "a.txt:2: expected UTF-8 text, got bytes that are none.";
    const all = Uint8Array.of(...bytes("1_2\n"), ...wrong, ...bytes("_2\n"));
    expectError(DataError, () => readFixedPairs("a.txt", all), message, "save the file as UTF-8");
  });

  test("refuses a line of 10 MB at once", () => {
    const line = new Uint8Array(10_000_000).fill(97);
    const started = performance.now();
    const message = "a.txt:1: expected a row of at most 10000 bytes, got 10000000.";
    expectError(DataError, () => readFixedPairs("a.txt", line), message);
    expectError(DataError, () => parse(`${"a".repeat(9_999)}_b`), message.replace("10000000", "10001"));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("splitting pairs", () => {
  const pairs = Array.from({ length: 30 }, (_, i) => ({ source: String(i).padEnd(2), target: `_${i % 7}` }));
  const questions = (part: "train" | "test", seed: number): string[] => {
    const data = splitPairs("a", pairs, { kind: "seeded", seed });
    return decodePairs(data.tokenizer, data[part]).map(({ source: question }) => question);
  };

  test("holds out a tenth, and loses and doubles nothing", () => {
    const all = [...questions("train", 1), ...questions("test", 1)];
    expect(questions("test", 1)).toHaveLength(3);
    expect(all.toSorted()).toEqual(pairs.map(({ source: question }) => question.trim()).toSorted());
  });

  test("holds out the same for the same seed, and others for another", () => {
    expect(questions("test", 1)).toEqual(questions("test", 1));
    expect(questions("train", 2)).not.toEqual(questions("train", 1));
  });

  test("as the book does, holds out the last tenth of NumPy's order", () => {
    // np.random.seed(1984); idx = np.arange(10); np.random.shuffle(idx)
    const data = splitPairs("a", pairs.slice(0, 10), { kind: "book" });
    const order = [data.train, data.test].flatMap((part) => decodePairs(data.tokenizer, part));
    expect(order.map(({ source: question }) => Number(question))).toEqual([9, 7, 4, 1, 5, 2, 0, 6, 8, 3]);
    expect(data.test.count).toBe(1);
  });

  test("numbers characters in the order of the file, not of the split", () => {
    const { source } = fixedPairsOf(splitPairs("a", pairs, { kind: "seeded", seed: 1 }));
    expect(source.tokenizer.characters.join("")).toBe("0 _123456789");
  });

  test("leaves at least one pair for each part", () => {
    const { train, test: held } = splitPairs("a", pairs.slice(0, 2), { kind: "book" });
    expect([train.count, held.count]).toEqual([1, 1]);
  });

  test("what was encoded is read back, without the blanks that fill it and with those inside", () => {
    const { tokenizer } = splitPairs("a", pairs, { kind: "book" });
    const some = [
      { source: "7", target: "_3" },
      { source: " 1", target: "_0" },
    ];
    expect(decodePairs(tokenizer, encodePairs(tokenizer, some))).toEqual(some);
  });
});
