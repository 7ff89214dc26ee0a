import { describe, expect, test } from "vitest";
import { readFixedPairs, splitPairs } from "../../../src/tasks/pairs/fixed-data.js";
import { decodePairs, type PairData, type PairSet } from "../../../src/tasks/pairs/pairs.js";
import { fixedPairsOf, readData, skipWithoutData } from "../../helpers/data.js";

// The facts are those of the README beside the data.
const loaded = new Map<string, PairData>();
function load(name: string): PairData {
  const data = loaded.get(name) ?? splitPairs(name, readFixedPairs(name, readData(name)), { kind: "book" });
  loaded.set(name, data);
  return data;
}

/** The questions of a set as the file has them, blanks and all. */
function questions(data: PairData, { count, sources }: PairSet): string[] {
  const { source } = fixedPairsOf(data);
  return Array.from({ length: count }, (_, r) => source.tokenizer.decode(sources.row(r)));
}

describe.skipIf(skipWithoutData("addition.txt"))("addition.txt", () => {
  test("has the book's shapes", () => {
    const { train, test: held } = load("addition.txt");
    const { source, target } = fixedPairsOf(load("addition.txt"));
    expect([source.width, target.width]).toEqual([7, 5]);
    for (const [set, count] of [
      [train, 45_000],
      [held, 5_000],
    ] as const) {
      expect([set.count, set.sources.count, set.targets.count]).toEqual([count, count, count]);
      expect([set.sources.ids.length, set.targets.ids.length]).toEqual([count * 7, count * 5]);
    }
  });

  test("numbers its 13 characters in order of first appearance, question before answer", () => {
    const { source, target } = fixedPairsOf(load("addition.txt"));
    expect(source.tokenizer.characters.join("")).toBe("16+75 _920384");
    expect(target.tokenizer).toBe(source.tokenizer);
  });

  test("begins with the book's first training pair", () => {
    const { sources, targets } = load("addition.txt").train;
    const { source, target } = fixedPairsOf(load("addition.txt"));
    expect([...sources.row(0)]).toEqual([3, 0, 2, 0, 0, 11, 5]);
    expect([...targets.row(0)]).toEqual([6, 0, 11, 7, 5]);
    expect(source.tokenizer.decode(sources.row(0))).toBe("71+118 ");
    expect(target.tokenizer.decode(targets.row(0))).toBe("_189 ");
  });

  test("holds 50,000 right sums, each of which stands in one part", () => {
    const data = load("addition.txt");
    const pairs = [data.train, data.test].flatMap((part) => decodePairs(data.tokenizer, part));
    const sumOf = (question: string): number => question.split("+").reduce((sum, n) => sum + Number(n), 0);
    expect(pairs.filter(({ source: question, target: answer }) => answer !== `_${sumOf(question)}`)).toEqual([]);
    expect(new Set(pairs.map(({ source: question }) => question)).size).toBe(50_000);
  });
});

describe.skipIf(skipWithoutData("date.txt"))("date.txt", () => {
  test("has 29 and 11 columns, 59 characters and the book's split", () => {
    const { train, test: held } = load("date.txt");
    const tokenizer = fixedPairsOf(load("date.txt"));
    expect([tokenizer.source.width, tokenizer.target.width, tokenizer.source.size]).toEqual([29, 11, 59]);
    expect([train.count, held.count]).toEqual([45_000, 5_000]);
  });

  test("asks 1,405 of its 5,000 test questions in training too", () => {
    const data = load("date.txt");
    const seen = new Set(questions(data, data.train));
    expect(questions(data, data.test).filter((question) => seen.has(question))).toHaveLength(1_405);
  });

  test("answers with ISO dates", () => {
    const data = load("date.txt");
    const answers = decodePairs(data.tokenizer, data.test).map(({ target: answer }) => answer);
    expect(answers.filter((answer) => !/^_\d{4}-\d{2}-\d{2}$/.test(answer))).toEqual([]);
  });
});
