import { describe, expect, test } from "vitest";
import { coveragePenalty, lengthPenalty } from "../../src/decode/rules.js";
import { search } from "../../src/decode/search.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { logsOf, ToyModel } from "../helpers/toy-model.js";

const backend = openReference();

describe("the length penalty", () => {
  test("is ((5 + length) / 6)^α", () => {
    expect(lengthPenalty(1, 0.6)).toBe(1);
    expect(lengthPenalty(7, 1)).toBe(2);
    expect(lengthPenalty(19, 0.5)).toBe(2);
    expect(lengthPenalty(100, 0)).toBe(1);
  });

  test("lets a longer answer win", () => {
    // "end" has 0.4; "1 1 1 end" 0.6 · 0.8³ = 0.3072.
    const logits = (_: number, history: readonly number[]) =>
      logsOf(history.length === 1 ? [0, 0.6, 0.4] : history.length < 4 ? [0.1, 0.8, 0.1] : [0.1, 0.1, 0.8]);
    const best = (lengthPenalty: number) =>
      search(new ToyModel(backend, { V: 3, logits }), backend, {
        start: 0,
        end: 2,
        maxLength: 3,
        beam: 9,
        lengthPenalty,
      });
    const [[short] = []] = best(0);
    const [[long] = []] = best(1);
    expect(short?.ids).toEqual([]);
    expect(short?.rank).toBeCloseTo(-0.91629, 5); // ln 0.4 / 1
    expect(long?.ids).toEqual([1, 1, 1]);
    expect(long?.score).toBeCloseTo(-1.18026, 5); // ln 0.3072
    expect(long?.rank).toBeCloseTo(-0.78684, 5); // ln 0.3072 / 1.5, for 3 tokens and the end
  });
});

describe("the coverage penalty", () => {
  const steps = [Float32Array.of(0.75, 0.25, 0), Float32Array.of(0.5, 0.25, 0.25)];

  test("adds up the logarithms of what was looked at less than once", () => {
    expect(coveragePenalty(steps, 1)).toBeCloseTo(Math.log(0.5) + Math.log(0.25), 12);
    expect(coveragePenalty(steps, 0.2)).toBeCloseTo(0.2 * Math.log(0.125), 12);
    expect(coveragePenalty([Float32Array.of(0, 1)], 1)).toBeCloseTo(Math.log(1e-10), 12);
  });

  test("lets an answer win that leaves out nothing, whatever fills the source up", () => {
    // "1 end" (0.3) and "2 end" (0.7) look at the first position, but the end after 1 looks at the second.
    const logits = (_: number, history: readonly number[]) =>
      logsOf(history.length === 1 ? [0, 0.3, 0.7, 0] : [0, 0, 0, 1]);
    const attention = (_: number, history: readonly number[]) => (history.at(-1) === 1 ? [0, 1, 0] : [0.875, 0.125, 0]);
    const answer = (coveragePenalty: number, lengths?: readonly number[]) => {
      const model = new ToyModel(backend, { V: 4, logits, attention, ...(lengths && { lengths }) });
      const options = { start: 0, end: 3, maxLength: 1, beam: 3, lengthPenalty: 0, keepAttention: true };
      return search(model, backend, { ...options, coveragePenalty })[0]?.[0];
    };
    expect(answer(0)?.ids).toEqual([2]);
    const best = answer(1, [2]);
    expect(best?.ids).toEqual([1]);
    expect(best?.score).toBeCloseTo(Math.log(0.3), 5);
    expect(best?.rank).toBeCloseTo(-1.3375, 4); // ln 0.3 + ln 0.875; that of the other ln 0.7 + ln 0.25 = −1.743
    expect(best?.attention).toEqual([Float32Array.of(0.875, 0.125)]);
    expect(answer(1)?.ids).toEqual([1]);
    expect(answer(1)?.attention).toEqual([Float32Array.of(0.875, 0.125, 0)]);
  });

  test("keeps apart the attention of rows that change places", () => {
    const V = 4;
    const logits = (n: number, history: readonly number[]) =>
      [0, 1, 2, 3].map((id) => Math.fround(Math.sin(7 * history.reduce((sum, x, t) => sum + x * (t + 2), id * 3 + n))));
    const attention = (n: number, history: readonly number[]) => [n, history.length, history.at(-1) ?? 0];
    const model = new ToyModel(backend, { V, N: 3, logits, attention });
    const options = { start: 0, end: 3, maxLength: 5, beam: 4, nBest: 4, keepAttention: true };
    for (const [n, found] of search(model, backend, options).entries())
      for (const { ids, attention: rows } of found)
        expect(rows).toEqual(ids.map((_, t) => Float32Array.from(attention(n, [0, ...ids.slice(0, t)]))));
  });
});
