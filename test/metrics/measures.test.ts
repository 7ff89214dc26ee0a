import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/engine/errors.js";
import { corpusBleu } from "../../src/metrics/bleu.js";
import { corpusChrf } from "../../src/metrics/chrf.js";
import { corpusStatistics, scoreCorpus, sumStatistics } from "../../src/metrics/measure.js";
import { errorRate, exactMatch, measures, positionAccuracy, type Sentence } from "../../src/metrics/measures.js";
import { expectError } from "../helpers/errors.js";

const sentence = (text: string): Sentence => ({ text, tokens: text.split(" ") });
const hypotheses = ["the cat sat on the mat", "dogs bark"];
const references = [["the cat sat on a mat"], ["a dog barks", "dogs bark"]];

describe("the table of measures", () => {
  test("scores tokens by some and texts by others", () => {
    const sentences = references.map((own) => own.map(sentence));
    const scores = Object.entries(measures).map(([name, measure]) => [
      name,
      scoreCorpus(measure, hypotheses.map(sentence), sentences),
    ]);
    expect(Object.fromEntries(scores)).toEqual({
      exactMatch: 1 / 2,
      positionAccuracy: 7 / 8,
      errorRate: 1 / 8,
      bleu: corpusBleu(hypotheses, references).score,
      chrf: corpusChrf(hypotheses, references).score,
    });
  });

  test.each(Object.entries(measures))(
    "%s gives a perfect corpus its best score, and a number to an empty one",
    (name, measure) => {
      const best = { exactMatch: 1, positionAccuracy: 1, errorRate: 0, bleu: 100, chrf: 100 };
      const texts = ["a b c d e", "f"].map(sentence);
      expect(best).toHaveProperty(
        name,
        scoreCorpus(
          measure,
          texts,
          texts.map((text) => [text]),
        ),
      );
      const nothing = { text: "", tokens: [] };
      expect(Number.isFinite(scoreCorpus(measure, [nothing], [[nothing]]))).toBe(true);
    },
  );
});

describe("the statistics of a corpus", () => {
  test("are those of its sentences, and add up", () => {
    const rows = corpusStatistics(exactMatch, ["a", "b", "c"], [["a"], ["x", "b"], ["x"]]);
    expect(rows).toEqual([
      [1, 1],
      [1, 1],
      [0, 1],
    ]);
    expect(sumStatistics(rows)).toEqual([2, 3]);
    expect(sumStatistics([])).toEqual([]);
  });

  test("want a reference for each hypothesis", () => {
    const of = (hypotheses: string[], references: string[][]) => () =>
      corpusStatistics(exactMatch, hypotheses, references);
    expectError(ShapeError, of([], []), "measure: expected at least one sentence, got none.");
    const unequal = "measure: expected references for 2 sentences, got references for 1.";
    expectError(ShapeError, of(["a", "b"], [["a"]]), unequal, "references[i]");
    const none = "measure: sentence 2: expected at least one reference, got none.";
    expectError(ShapeError, of(["a", "b"], [["a"], []]), none);
  });
});

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

const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
const rate = (hypotheses: string[], references: string[][]): number =>
  scoreCorpus(
    errorRate,
    hypotheses.map(words),
    references.map((own) => own.map(words)),
  );

describe("the error rate", () => {
  test("is all edits over all tokens of the references, not the mean of rates", () => {
    // one replaced of 2, one inserted and one deleted of 6
    expect(rate(["a x", "b b c d e f"], [["a b"], ["b c d e f g"]])).toBe(3 / 8);
  });

  test("can be above 1", () => {
    expect(rate(["a b c"], [["x"]])).toBe(3);
  });

  test("takes the nearest reference, and of two as near the longest, in any order", () => {
    expect(errorRate.statistics(words("a b c"), [words("a b x"), words("a b c d"), words("q")])).toEqual([1, 4]);
    expect(errorRate.statistics(words("a b c"), [words("a b c d"), words("q"), words("a b x")])).toEqual([1, 4]);
    expect(errorRate.statistics(words("a"), [words("x y z"), words("b")])).toEqual([1, 1]);
  });

  test("is 0 for nothing, and 1 for anything where nothing was to be said", () => {
    expect(rate([""], [[""]])).toBe(0);
    expect(rate(["a b c"], [[""]])).toBe(1);
    expect(rate([""], [["a b"]])).toBe(1);
    expect(rate(["", "a"], [[""], ["a"]])).toBe(0);
  });
});
