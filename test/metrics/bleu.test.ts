import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/engine/errors.js";
import { Bleu, corpusBleu, sentenceBleu } from "../../src/metrics/bleu.js";
import { thrownBy } from "../helpers/errors.js";

describe("BLEU", () => {
  test("by hand: 5 of 6 words, 2 of 5 pairs, no triple, one word short", () => {
    const hypothesis = "the cat sat on a mat";
    const { score, precisions, ...rest } = corpusBleu([hypothesis], [["the cat was sat on the mat"]], {
      ...{ tokenize: "none", smooth: "none" },
    });
    // the, cat, sat, on, mat; the cat, sat on
    expect(precisions).toEqual([100 * (5 / 6), 100 * (2 / 5), 0, 0]);
    expect([score, rest.brevityPenalty]).toEqual([0, Math.exp(1 - 7 / 6)]);
    expect(rest).toMatchObject({ hypothesisLength: 6, referenceLength: 7 });
  });

  test("counts a word at most as often as one reference has it", () => {
    const references = [["the cat is on the mat", "there is a cat on the mat"]];
    const { precisions } = corpusBleu(["the the the the the the the"], references);
    expect(precisions[0]).toBe(100 * (2 / 7)); // Papineni et al. 2002, section 2.1
  });

  test("takes the reference nearest in length, and of two as near the shorter, in any order", () => {
    const words = (n: number): string => "w ".repeat(n);
    const lengthOf = (...lengths: number[]): number =>
      sentenceBleu(words(5), lengths.map(words), { tokenize: "none" }).referenceLength;
    expect([lengthOf(3, 7), lengthOf(7, 3), lengthOf(9, 6, 3), lengthOf(9, 2)]).toEqual([3, 3, 6, 2]);
  });

  test("is exactly 100 for a text that equals a reference", () => {
    expect(corpusBleu(["a b c d e", "f"], [["x", "a b c d e"], ["f"]]).score).toBe(100);
    expect(sentenceBleu("one", ["one"]).score).toBe(100);
  });

  test.each(["exp", "floor", "add-k", "none"] as const)("is a number where there is nothing: %s", (smooth) => {
    const cases: [hypothesis: string, reference: string, brevityPenalty: number][] = [
      ["", "", 1],
      ["", "a b", 0],
      ["a b", "", 1],
      ["a", "b c", Math.exp(-1)],
      [" \n\t ", "a", 0],
    ];
    for (const [hypothesis, reference, brevityPenalty] of cases)
      for (const effectiveOrder of [false, true])
        expect(corpusBleu([hypothesis], [[reference]], { smooth, effectiveOrder })).toMatchObject({
          ...{ score: 0, precisions: [0, 0, 0, 0], brevityPenalty },
        });
  });

  test("of a corpus is the score of the sums, not the mean of scores", () => {
    const bleu = new Bleu();
    const pairs = [
      ["a b c d e f", "a b c d e x"],
      ["g h", "h g"],
    ] as const;
    const [first = [], second = []] = pairs.map(([hypothesis, reference]) => bleu.statistics(hypothesis, [reference]));
    expect(first).toEqual([6, 5, 4, 3, 2, 6, 5, 4, 3]);
    expect(second).toEqual([2, 2, 0, 0, 0, 2, 1, 0, 0]);
    const whole = corpusBleu(["a b c d e f", "g h"], [["a b c d e x"], ["h g"]]);
    expect(bleu.score(first.map((count, i) => count + (second[i] ?? 0)))).toBe(whole.score);
    const shares = (7 / 8) * (4 / 6) * (3 / 4) * (2 / 3);
    expect(whole.score).toBeCloseTo(100 * shares ** 0.25, 10);
  });

  test("scores 100,000 sentences in seconds", () => {
    const words = Array.from({ length: 12 }, (_, i) => `word${i}`);
    const hypotheses = Array.from({ length: 100_000 }, (_, i) =>
      words.map((w, k) => ((i + 7 * k) % 5 ? w : i)).join(" "),
    );
    const references = hypotheses.map(() => [words.join(" ")]);
    const started = performance.now();
    const { score } = corpusBleu(hypotheses, references);
    expect(performance.now() - started).toBeLessThan(8000);
    expect(score).toBeGreaterThan(30);
  });

  test("refuses what is no tokenization", () => {
    // @ts-expect-error: the types refuse it too
    const error = thrownBy(() => new Bleu({ tokenize: "14a" }));
    expect(error).toBeInstanceOf(OptionError);
    expect(error?.message).toMatch(/^Bleu: .*tokenize/s);
  });
});
