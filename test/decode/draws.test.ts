import { describe, expect, test } from "vitest";
import type { SearchOptions } from "../../src/decode/decode-options.js";
import { search } from "../../src/decode/search.js";
import { describeBackends } from "../helpers/backends.js";
import { logsOf, ToyModel } from "../helpers/toy-model.js";

const N = 2000;
const first = [0.4, 0.3, 0.2, 0.1];
const second = [0.1, 0.2, 0.3, 0.4];
const logits = (_: number, history: readonly number[]) => logsOf(history.length === 1 ? first : second);

describeBackends((backend) => {
  const draw = (options: Partial<SearchOptions>) => {
    const model = new ToyModel(backend(), { V: 4, N, logits });
    const found = search(model, backend(), { start: 0, maxLength: 2, temperature: 1, ...options });
    return found.map(([one]) => one?.ids ?? []);
  };
  const squares = (weights: readonly number[]) =>
    weights.map((p) => p ** 2 / weights.reduce((sum, q) => sum + q ** 2, 0));

  /** Sum of (found − expected)² / expected, which exceeds 16.3 once in 1,000 times for 4 tokens. */
  const chiSquare = (answers: readonly (readonly number[])[], t: number, expected: readonly number[]) =>
    expected.reduce((sum, p, id) => {
      const count = answers.filter((ids) => ids[t] === id).length;
      return p === 0 ? sum + 1e9 * count : sum + (count - N * p) ** 2 / (N * p);
    }, 0);

  describe("drawn answers", () => {
    test.each([
      ["as their probabilities say", {}, first, second],
      ["more boldly at a temperature of a half", { temperature: 0.5 }, squares(first), squares(second)],
      ["among the two most probable with top-k 2", { topK: 2 }, [4 / 7, 3 / 7, 0, 0], [0, 0, 3 / 7, 4 / 7]],
      ["among those that make up 60% with top-p 0.6", { topP: 0.6 }, [4 / 7, 3 / 7, 0, 0], [0, 0, 3 / 7, 4 / 7]],
      ["not among skipped tokens", { suppress: [0] }, [0, 1 / 2, 1 / 3, 1 / 6], [0, 2 / 9, 3 / 9, 4 / 9]],
    ])("have tokens %s", (_, options, atFirst, then) => {
      const answers = draw(options);
      expect(chiSquare(answers, 0, atFirst)).toBeLessThan(16.3);
      expect(chiSquare(answers, 1, then)).toBeLessThan(16.3);
    });

    test("are the same for the same seed, and others for another", () => {
      expect(draw({ seed: 5 })).toEqual(draw({ seed: 5 }));
      expect(draw({ seed: 5 })).not.toEqual(draw({ seed: 6 }));
    });

    test("have the score of what was drawn, at temperature 1 whatever the draws were at", () => {
      const model = new ToyModel(backend(), { V: 4, N: 50, logits });
      for (const [{ ids, score } = { ids: [], score: 0 }] of search(model, backend(), {
        ...{ start: 0, maxLength: 2, temperature: 3 },
      })) {
        const [a = 0, b = 0] = ids;
        expect(score).toBeCloseTo(Math.log((first[a] ?? 0) * (second[b] ?? 0)), 5);
      }
    });

    test("end where the end is drawn", () => {
      const answers = draw({ end: 3 });
      expect(answers.filter((ids) => ids.length === 0).length / N).toBeCloseTo(0.1, 1);
      expect(answers.every((ids) => !ids.includes(3))).toBe(true);
    });
  });
});
