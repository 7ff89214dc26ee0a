import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { Bleu } from "../../src/metrics/bleu.js";
import { bootstrap } from "../../src/metrics/bootstrap.js";
import { Chrf } from "../../src/metrics/chrf.js";
import { corpusStatistics } from "../../src/metrics/measure.js";
import { exactMatch } from "../../src/metrics/measures.js";
import { expectError } from "../helpers/errors.js";
import { recorded } from "../helpers/metrics.js";

/** So many sentences, of which so many are right. */
const answers = (count: number, right: number): number[][] =>
  Array.from({ length: count }, (_, i) => [i < right ? 1 : 0, 1]);

describe("the bootstrap interval", () => {
  test.each(["bleu", "chrf"] as const)("of %s is as wide as sacreBLEU's", (name) => {
    const { corpus, resamples, ...said } = recorded.bootstrap;
    const found = recorded.corpora.find((one) => one.name === corpus);
    const measure = { bleu: new Bleu(), chrf: new Chrf() }[name];
    const statistics = corpusStatistics(measure, found?.hypotheses ?? [], found?.references ?? []);
    const { low, high } = bootstrap(measure, statistics, new Random(1), resamples);
    // Of 20,000 draws, other random numbers move a bound of 2.5 % by about a fiftieth of the width.
    expect((high - low) / 2 / said[name].halfWidth).toBeCloseTo(1, 1);
    expect(low).toBeLessThan(said[name].mean);
    expect(high).toBeGreaterThan(said[name].mean);
  });

  test("of a share is that of the binomial distribution", () => {
    const { low, high } = bootstrap(exactMatch, answers(400, 100), new Random(1), 4000);
    const deviation = Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeCloseTo(0.25 - 1.96 * deviation, 2);
    expect(high).toBeCloseTo(0.25 + 1.96 * deviation, 2);
  });

  test("is the same for the same seed, and another for another", () => {
    const draw = (seed: number) => bootstrap(exactMatch, answers(997, 313), new Random(seed), 200);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });

  test("has no width where all sentences are alike, or there is but one", () => {
    expect(bootstrap(exactMatch, answers(50, 50), new Random(1))).toEqual({ low: 1, high: 1 });
    expect(bootstrap(exactMatch, [[0, 1]], new Random(1))).toEqual({ low: 0, high: 0 });
  });

  test("asks for a sentence", () => {
    const message = "bootstrap: expected at least one sentence, got none.";
    expectError(ShapeError, () => bootstrap(exactMatch, [], new Random(1)), message);
  });
});
