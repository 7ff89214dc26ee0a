import { describe, expect, test } from "vitest";
import { exactMatch, positionAccuracy } from "../../src/metrics/accuracy.js";
import { scoreCorpus } from "../../src/metrics/measure.js";

const letters = (texts: readonly string[]): string[][] => texts.map((text) => [...text]);
const exact = (hypotheses: string[], ...references: string[][]): number =>
  scoreCorpus(exactMatch, letters(hypotheses), references.map(letters));
const accuracy = (hypotheses: string[], ...references: string[][]): number =>
  scoreCorpus(positionAccuracy, letters(hypotheses), references.map(letters));

describe("exact match", () => {
  test("is the share of sentences that equal one of their references", () => {
    expect(exact(["abc", "ab", "b", ""], ["abc"], ["abc", "b"], ["a", "b"], [""])).toBe(3 / 4);
  });

  test("holds tokens against tokens, not text against text", () => {
    expect(exactMatch.statistics(["ab", "c"], [["a", "bc"]])).toEqual([0, 1]);
    expect(exactMatch.statistics(Int32Array.of(1, 2), [[1, 2]])).toEqual([1, 1]);
    expect(exactMatch.statistics(["1"], [[1]])).toEqual([0, 1]);
  });
});

describe("token accuracy", () => {
  test("is the share of places with the same token, over all sentences", () => {
    expect(accuracy(["abcd", "x"], ["abxd"], ["y"])).toBe(3 / 5);
  });

  test("takes the rest of the longer one for wrong", () => {
    expect(accuracy(["ab"], ["abcd"])).toBe(1 / 2);
    expect(accuracy(["abcd"], ["ab"])).toBe(1 / 2);
    expect(accuracy(["xabc"], ["abcd"])).toBe(0);
  });

  test("takes the reference with the highest share, and of several the longest, in any order", () => {
    expect(positionAccuracy.statistics([..."abcd"], letters(["abxxxxxx", "axcd"]))).toEqual([3, 4]);
    for (const references of [
      ["zz", "zzzz"],
      ["zzzz", "zz"],
    ])
      expect(positionAccuracy.statistics([..."ab"], letters(references))).toEqual([0, 4]);
    expect(accuracy(["ab"], ["a", "ab", "abc"])).toBe(1);
  });

  test("is 1 for nothing against nothing", () => {
    expect(accuracy([""], [""])).toBe(1);
    expect(accuracy(["", "a"], [""], ["b"])).toBe(0);
    expect(accuracy([""], ["a"])).toBe(0);
  });
});
