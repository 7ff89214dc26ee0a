import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/engine/errors.js";
import { exactMatch } from "../../src/metrics/accuracy.js";
import { corpusBleu } from "../../src/metrics/bleu.js";
import { corpusChrf } from "../../src/metrics/chrf.js";
import { corpusStatistics, scoreCorpus, sumStatistics } from "../../src/metrics/measure.js";
import { measures, type Sentence } from "../../src/metrics/measures.js";
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
    const unequal = "measure: expected the references of 2 sentences, got those of 1.";
    expectError(ShapeError, of(["a", "b"], [["a"]]), unequal, "references[i]");
    const none = "measure: sentence 2: expected at least one reference, got none.";
    expectError(ShapeError, of(["a", "b"], [["a"], []]), none);
  });
});
