import { describe, expect, test } from "vitest";
import { decodePairs, type PairData, type PairSet, parsePairs, splitPairs } from "../../src/data/pairs.js";
import { readData, skipWithoutData } from "../helpers/data.js";

// The facts are those of the README beside the data.
const loaded = new Map<string, PairData>();
function load(name: string): PairData {
  const data = loaded.get(name) ?? splitPairs(name, parsePairs(name, readData(name)), { kind: "book" });
  loaded.set(name, data);
  return data;
}

const row = (ids: Int32Array, width: number, r: number): number[] => [...ids.subarray(r * width, (r + 1) * width)];

/** The questions of a set as the file has them, blanks and all. */
function questions({ tokenizer }: PairData, { count, sources }: PairSet): string[] {
  const width = tokenizer.sourceWidth;
  return Array.from({ length: count }, (_, r) => tokenizer.source.decode(row(sources, width, r)));
}

describe.skipIf(skipWithoutData("addition.txt"))("addition.txt", () => {
  test("has the book's shapes", () => {
    const { tokenizer, train, test: held } = load("addition.txt");
    expect([tokenizer.sourceWidth, tokenizer.targetWidth]).toEqual([7, 5]);
    expect([train.count, train.sources.length, train.targets.length]).toEqual([45_000, 45_000 * 7, 45_000 * 5]);
    expect([held.count, held.sources.length, held.targets.length]).toEqual([5_000, 5_000 * 7, 5_000 * 5]);
  });

  test("numbers its 13 characters in order of first appearance, question before answer", () => {
    const { tokenizer } = load("addition.txt");
    expect(tokenizer.source.characters.join("")).toBe("16+75 _920384");
    expect(tokenizer.target).toBe(tokenizer.source);
  });

  test("begins with the book's first training pair", () => {
    const { tokenizer, train } = load("addition.txt");
    expect(row(train.sources, 7, 0)).toEqual([3, 0, 2, 0, 0, 11, 5]);
    expect(row(train.targets, 5, 0)).toEqual([6, 0, 11, 7, 5]);
    expect(tokenizer.source.decode(row(train.sources, 7, 0))).toBe("71+118 ");
    expect(tokenizer.target.decode(row(train.targets, 5, 0))).toBe("_189 ");
  });

  test("holds 50,000 right sums, each of which stands in one part", () => {
    const data = load("addition.txt");
    const pairs = [data.train, data.test].flatMap((part) => decodePairs(data.tokenizer, part));
    const sumOf = (question: string): number => question.split("+").reduce((sum, n) => sum + Number(n), 0);
    expect(pairs.filter(({ question, answer }) => answer !== `_${sumOf(question)}`)).toEqual([]);
    expect(new Set(pairs.map(({ question }) => question)).size).toBe(50_000);
  });
});

describe.skipIf(skipWithoutData("date.txt"))("date.txt", () => {
  test("has 29 and 11 columns, 59 characters and the book's split", () => {
    const { tokenizer, train, test: held } = load("date.txt");
    expect([tokenizer.sourceWidth, tokenizer.targetWidth, tokenizer.source.size]).toEqual([29, 11, 59]);
    expect([train.count, held.count]).toEqual([45_000, 5_000]);
  });

  test("asks 1,405 of its 5,000 test questions in training too", () => {
    const data = load("date.txt");
    const seen = new Set(questions(data, data.train));
    expect(questions(data, data.test).filter((question) => seen.has(question))).toHaveLength(1_405);
  });

  test("answers with ISO dates", () => {
    const data = load("date.txt");
    const answers = decodePairs(data.tokenizer, data.test).map(({ answer }) => answer);
    expect(answers.filter((answer) => !/^_\d{4}-\d{2}-\d{2}$/.test(answer))).toEqual([]);
  });
});
