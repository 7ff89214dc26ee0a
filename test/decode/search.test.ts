import { describe, expect, test } from "vitest";
import type { Hypothesis } from "../../src/decode/beam.js";
import type { SearchOptions } from "../../src/decode/decode-options.js";
import { search } from "../../src/decode/search.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { everyAnswer, logSoftmax, logsOf, randomLogits, ToyModel, type ToyTables } from "../helpers/toy-model.js";

const backend = openReference();
const [V, start, end] = [4, 0, 3];
const logits = randomLogits(V);

function answer(tables: ToyTables, options: Partial<SearchOptions> = {}): Hypothesis[][] {
  return search(new ToyModel(backend, tables), backend, { start, end, maxLength: 4, ...options });
}

/** The hypotheses for the one source of a model. */
function answerOne(tables: ToyTables, options: Partial<SearchOptions> = {}): Hypothesis[] {
  return answer(tables, options)[0] ?? [];
}

describe("a beam as wide as all answers", () => {
  const all = everyAnswer(logits, 0, { start, end }, 4); // 1 + 3 + 9 + 27 + 81

  test.each([0, 0.6, 1, 2])("finds the true 20 best in order, with their scores, at length penalty %d", (alpha) => {
    const rank = ({ ids, score }: (typeof all)[number]) => score / ((5 + ids.length + 1) / 6) ** alpha;
    const reference = all.toSorted((a, b) => rank(b) - rank(a)).slice(0, 20);
    const found = answerOne({ V, logits }, { beam: 121, nBest: 20, lengthPenalty: alpha });
    expect(all).toHaveLength(121);
    expect(found.map(({ ids }) => ids)).toEqual(reference.map(({ ids }) => ids));
    for (const [i, expected] of reference.entries()) {
      expect(found[i]?.score).toBeCloseTo(expected.score, 5);
      expect(found[i]?.rank).toBeCloseTo(rank(expected), 5);
      expect(found[i]?.finished).toBe(true);
    }
  });

  test("has probabilities that add up to 1 where every answer may go on for long enough", () => {
    const short = (_: number, history: readonly number[]) =>
      logsOf(history.length > 4 ? [0, 0, 0, 1] : [0.3, 0.3, 0.2, 0.2]);
    const found = answerOne({ V, logits: short }, { beam: 121, nBest: 121 });
    expect(found.reduce((sum, { score }) => sum + Math.exp(score), 0)).toBeCloseTo(1, 5);
  });

  test("hands back as many as there are, where more are asked for", () => {
    expect(answerOne({ V, logits }, { beam: 200, nBest: 200 })).toHaveLength(121);
    expect(answerOne({ V: 1, logits: () => [0] }, { start: 0, end: 0, beam: 3, nBest: 3 })).toEqual([
      { ids: [], score: 0, rank: 0, finished: true },
    ]);
  });
});

describe("a narrow beam", () => {
  test("of 1 is greedy: always the most probable token, and no row is ever moved", () => {
    const model = new ToyModel(backend, { V, N: 30, logits });
    const found = search(model, backend, { start, end, maxLength: 6 });
    expect(model.calls.reorder).toBe(0);
    for (let n = 0; n < 30; n++) {
      const ids: number[] = [];
      let score = 0;
      for (let isOver = false; !isOver; ) {
        const row = logSoftmax(logits(n, [start, ...ids]));
        const id = ids.length === 6 ? end : row.indexOf(Math.max(...row));
        score += row[id] ?? 0;
        isOver = id === end;
        if (!isOver) ids.push(id);
      }
      expect(found[n]).toHaveLength(1);
      expect(found[n]?.[0]?.ids).toEqual(ids);
      expect(found[n]?.[0]?.score).toBeCloseTo(score, 5);
    }
  });

  test("of 2 finds what greed misses", () => {
    // After a (0.6) each next token is as likely as another; after b (0.4) the end is certain.
    const table = (_: number, history: readonly number[]) =>
      logsOf(history.length === 1 ? [0, 0.6, 0.4, 0] : history.at(-1) === 1 ? [0.25, 0.25, 0.25, 0.25] : [0, 0, 0, 1]);
    expect(answerOne({ V, logits: table })[0]?.ids[0]).toBe(1);
    const [best] = answerOne({ V, logits: table }, { beam: 2 });
    expect(best?.ids).toEqual([2]);
    expect(Math.exp(best?.score ?? 0)).toBeCloseTo(0.4, 6);
  });

  test("gives distinct answers, the best first, never better than the true best", () => {
    for (let n = 0; n < 20; n++) {
      const seeded = randomLogits(V, 100 + n);
      const reference = Math.max(...everyAnswer(seeded, 0, { start, end }, 4).map(({ score }) => score));
      const found = answerOne({ V, logits: seeded }, { beam: 4, nBest: 4, lengthPenalty: 0 });
      expect(found).toHaveLength(4);
      expect(new Set(found.map(({ ids }) => ids.join(" "))).size).toBe(4);
      expect(found.map(({ rank }) => rank)).toEqual(found.map(({ rank }) => rank).toSorted((a, b) => b - a));
      expect(found[0]?.score).toBeLessThan(reference + 1e-5);
    }
  });

  test.each([
    [2, 0],
    [3, 0.6],
    [5, 1],
  ])("of %d does what the plain search below does, at length penalty %d", (B, alpha) => {
    for (let n = 0; n < 60; n++) {
      const [one, other] = [
        answerOne(
          { V, logits: (_, history) => logits(n, history) },
          { beam: B, nBest: B, lengthPenalty: alpha, maxLength: 6 },
        ),
        plainSearch(n, B, alpha, 6),
      ];
      expect(one.map(({ ids }) => ids)).toEqual(other.map(({ ids }) => ids));
      for (const [i, { rank }] of other.entries()) expect(one[i]?.rank).toBeCloseTo(rank, 4);
    }
  });

  test("stops when nothing that goes on can come among the best, and not before", () => {
    // "1 1 end" has 0.81; whatever else begins goes on and on.
    const sure = (_: number, history: readonly number[]) => {
      if (history.length < 3) return logsOf([0.05, 0.9, 0.05, 0]);
      return logsOf(history[1] === 1 && history[2] === 1 ? [0, 0, 0, 1] : [0.5, 0.3, 0.2, 0]);
    };
    const stepsFor = (options: Partial<SearchOptions>) => {
      const model = new ToyModel(backend, { V, logits: sure });
      const [found = []] = search(model, backend, { start, end, maxLength: 7, beam: 3, ...options });
      return { steps: model.calls.step, ids: found.map(({ ids }) => ids) };
    };
    expect(stepsFor({ lengthPenalty: 0 })).toEqual({ steps: 3, ids: [[1, 1]] });
    expect(stepsFor({ lengthPenalty: 0, nBest: 2 }).steps).toBe(8); // 7 tokens and the end
    // After 3 tokens the next best has ln 0.0225 = −3.79, and with 8 could have −3.79 / (13/6)¹⁰ > ln 0.81 / (8/6)¹⁰.
    expect(stepsFor({ lengthPenalty: 10 }).steps).toBe(8);
  });

  test("prefers of equal answers the one with lower ids", () => {
    const flat = () => [0, 0, 0, -50];
    expect(
      answerOne({ V, logits: flat }, { end: undefined, maxLength: 2, beam: 3, nBest: 3 }).map(({ ids }) => ids),
    ).toEqual([
      ...[
        [0, 0],
        [0, 1],
        [0, 2],
      ],
    ]);
  });
});

describe("a source", () => {
  const options = { beam: 3, nBest: 3, maxLength: 6 };

  test.each([
    ["searched", options],
    ["drawn", { maxLength: 6, temperature: 1.5, topK: 3 }],
  ])("is answered alone as in a batch: %s", (_, given) => {
    const together = answer({ V, N: 5, logits }, given);
    expect(together).toHaveLength(5);
    for (let n = 0; n < 5; n++)
      expect(answer({ V, logits: (_, history) => logits(n, history) }, { ...given, streams: [n] })).toEqual([
        together[n],
      ]);
  });

  test("need not be there", () => expect(answer({ V, N: 0, logits }, options)).toEqual([]));

  test("is given as many tokens as asked for where no token ends an answer", () => {
    const found = answerOne({ V, logits }, { end: undefined, maxLength: 3, beam: 64, nBest: 64 });
    expect(found).toHaveLength(64);
    for (const { ids, score } of found) {
      const forced = ids.map((id, t) => logSoftmax(logits(0, [start, ...ids.slice(0, t)]))[id] ?? 0);
      expect(ids).toHaveLength(3);
      expect(score).toBeCloseTo(
        forced.reduce((sum, x) => sum + x, 0),
        5,
      );
    }
  });
});

describe("limits", () => {
  test("an answer has at least and at most so many tokens, and its score is of what it is made of", () => {
    const all = everyAnswer(logits, 0, { start, end }, 3);
    const found = answerOne({ V, logits }, { minLength: 2, maxLength: 3, beam: 36, nBest: 36, lengthPenalty: 0 });
    const reference = all.filter(({ ids }) => ids.length >= 2).toSorted((a, b) => b.score - a.score);
    expect(found.map(({ ids }) => ids)).toEqual(reference.map(({ ids }) => ids));
    expect(found[35]?.score).toBeCloseTo(reference[35]?.score ?? 0, 5);
  });

  test("one token is a length as well", () => {
    const certain = () => logsOf([0.1, 0.7, 0.15, 0.05]);
    const [best] = answerOne({ V, logits: certain }, { maxLength: 1 });
    expect(best?.ids).toEqual([1]);
    expect(best?.score).toBeCloseTo(Math.log(0.7 * 0.05), 5);
  });

  test("skipped tokens are never written, and their probability is not given to others", () => {
    const found = answerOne({ V, logits }, { suppress: [1], beam: 31, nBest: 31, lengthPenalty: 0 });
    const reference = everyAnswer(logits, 0, { start, end }, 4).filter(({ ids }) => !ids.includes(1));
    expect(found).toHaveLength(31); // 1 + 2 + 4 + 8 + 16
    expect(found[0]?.ids).toEqual(reference.toSorted((a, b) => b.score - a.score)[0]?.ids);
    expect(found[0]?.score).toBeCloseTo(Math.max(...reference.map(({ score }) => score)), 5);
  });

  test.each([1, 2, 3])("no run of %d tokens occurs twice", (noRepeatNgram) => {
    const runs = (ids: readonly number[]) =>
      ids.slice(noRepeatNgram - 1).map((_, i) => ids.slice(i, i + noRepeatNgram).join(" "));
    const repeats = ({ ids }: Hypothesis) => new Set(runs(ids)).size < runs(ids).length;
    const given = { beam: 3, nBest: 3, maxLength: 12, minLength: 3 };
    const sameAgain = (_: number, history: readonly number[]) =>
      [0, 1, 2, 3].map((id) => (id === end ? -3 : id === history.at(-1) ? 2 : 0));
    const free = answer({ V, N: 10, logits: sameAgain }, given).flat();
    const found = answer({ V, N: 10, logits: sameAgain }, { ...given, noRepeatNgram }).flat();
    expect(free.filter(repeats)).not.toEqual([]);
    expect(found.filter(repeats)).toEqual([]);
    expect(found).toHaveLength(30);
  });

  test("where nothing may follow, the best beginning is handed back as unfinished", () => {
    const table = () => logsOf([0.5, 0.3, 0.1, 0.1]);
    const found = answerOne({ V, logits: table }, { noRepeatNgram: 1, minLength: 4, beam: 2, nBest: 2 });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ids: [0, 1, 2], finished: false });
    expect(found[0]?.score).toBeCloseTo(Math.log(0.5 * 0.3 * 0.1), 5);
  });
});

/** A beam search in the plainest words: sort everything, keep the best. */
function plainSearch(n: number, B: number, alpha: number, most: number): { ids: number[]; rank: number }[] {
  let live: { ids: number[]; score: number }[] = [{ ids: [], score: 0 }];
  const ended: { ids: number[]; rank: number }[] = [];
  for (let length = 0; length <= most && ended.length < B; length++) {
    const candidates = live
      .flatMap(({ ids, score }) =>
        logSoftmax(logits(n, [start, ...ids])).map((x, id) => ({ ids, id, score: score + x })),
      )
      .filter(({ id }) => length < most || id === end)
      .toSorted((a, b) => b.score - a.score);
    for (const { ids, id, score } of candidates.slice(0, B))
      if (id === end) ended.push({ ids, rank: score / ((5 + length + 1) / 6) ** alpha });
    live = candidates
      .filter(({ id }) => id !== end)
      .slice(0, B)
      .map(({ ids, id, score }) => ({ ids: [...ids, id], score }));
  }
  return ended.toSorted((a, b) => b.rank - a.rank).slice(0, B);
}
