import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/engine/errors.js";
import { Chrf, corpusChrf, sentenceChrf } from "../../src/metrics/chrf.js";
import { thrownBy } from "../helpers/errors.js";

describe("chrF", () => {
  test("by hand: abcd against abd", () => {
    // characters a, b, d: 3 of 4 and of 3; pairs ab: 1 of 3 and of 2; triples: 0 of 2 and of 1; no longer ones in abd
    const [P, R] = [(3 / 4 + 1 / 3 + 0) / 3, (1 + 1 / 2 + 0) / 3];
    expect(new Chrf().statistics("ab cd", ["a bd"])).toEqual([4, 3, 3, 3, 2, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(sentenceChrf("ab cd", ["a bd"]).score).toBeCloseTo((100 * 5 * P * R) / (4 * P + R), 12);
  });

  test("values recall twice as much as precision", () => {
    const [long, short] = ["abcdefghij", "abcdefgh"];
    expect(sentenceChrf(long, [short]).score).toBeGreaterThan(sentenceChrf(short, [long]).score);
  });

  test("counts characters, not their halves: 🎉 and 🎊 share none", () => {
    expect(sentenceChrf("🎉", ["🎊"]).score).toBe(0);
    expect(new Chrf().statistics("🎉🎊", ["🎉"]).slice(0, 3)).toEqual([2, 1, 1]);
  });

  test("takes the reference with the highest score", () => {
    const scores = ["a cat", "the cat sat", "dogs"].map((reference) => sentenceChrf("the cat", [reference]).score);
    const all = sentenceChrf("the cat", ["a cat", "the cat sat", "dogs"]).score;
    expect(all).toBe(Math.max(...scores));
  });

  test("++ parts marks from words at one end", () => {
    const chrf = new Chrf({ wordOrder: 1 });
    const words = (text: string): number[] => chrf.statistics(text, ["( hi . (hi)"]).slice(-3);
    expect(words("(hi)")).toEqual([2, 5, 2]); // (hi and ), in both
    expect(words("(hi")).toEqual([2, 5, 2]); // ( and hi, alone in the reference too
    expect(words("hi")).toEqual([1, 5, 1]);
    expect(words("? .")).toEqual([2, 5, 1]);
  });

  test("is a number where there is nothing, and 100 for an equal text", () => {
    for (const wordOrder of [0, 2]) {
      for (const [hypothesis, reference] of [
        ["", ""] as const,
        ["", "a"] as const,
        ["a", ""] as const,
        ["a", "b"] as const,
      ])
        expect(corpusChrf([hypothesis], [[reference]], { wordOrder }).score).toBe(0);
      expect(corpusChrf(["a b", "c"], [["a b"], ["c"]], { wordOrder }).score).toBe(100);
    }
  });

  test("refuses longer words' n-grams", () => {
    const error = thrownBy(() => new Chrf({ wordOrder: 3 }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error?.message).toMatch(/^Chrf: .*wordOrder/s);
  });
});
