import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { Random } from "../../src/engine/random.js";
import type { Ints } from "../../src/engine/tensor.js";
import type { Seq2Seq } from "../../src/models/seq2seq.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { intsOf } from "../helpers/fixtures.js";
import { batchOf, drawPairs, makePairModel, pairKinds } from "../helpers/pair-models.js";

const [N, B, V] = [3, 4, 9];
const pairs = drawPairs(new Random(3), [5, 2, 4], [5, 5, 5]);
/** What each of B beams of each of N sources reads, step by step. */
const beams = Array.from({ length: 4 }, (_, t) =>
  Array.from({ length: N * B }, (_row, r) => (5 * t + 2 * r + t * r) % V),
);

const idsOf = (backend: Backend, ids: readonly number[]): Ints =>
  intsOf(backend, { shape: [ids.length, 1], data: [...ids] });
const encode = (backend: Backend, model: Seq2Seq) => {
  const { source, sourceLengths } = batchOf(backend, pairs);
  return model.encode(source, sourceLengths);
};

/** Logits and attention after one more token in each row, as a list for each row. */
function step(backend: Backend, model: Seq2Seq, ids: readonly number[]): Float32Array[] {
  const logits = model.step(idsOf(backend, ids)).data.slice();
  const weights = model.attention?.data.slice() ?? new Float32Array();
  const S = weights.length / ids.length;
  return ids.map((_, r) => Float32Array.of(...logits.slice(r * V, (r + 1) * V), ...weights.slice(r * S, (r + 1) * S)));
}

/** Row by row the same bits. */
function expectRows(actual: readonly Float32Array[], expected: readonly (Float32Array | undefined)[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [r, row] of actual.entries()) expectSameBits(`row ${r}`, row, expected[r]);
}

describeBackends((backend) => {
  describe.each(pairKinds)("%s", (_, given) => {
    test("four steps at once are four single ones, and two and two", () => {
      const model = makePairModel(backend(), given);
      const inputs = pairs.targets.map((row) => row.slice(0, 4));
      const at = (from: number, to: number) => {
        const data = inputs.flatMap((row) => row.slice(from, to));
        const logits = model.step(intsOf(backend(), { shape: [N, to - from], data })).data;
        return Array.from({ length: N }, (_row, n) => [
          ...logits.slice(n * (to - from) * V, (n + 1) * (to - from) * V),
        ]);
      };
      const run = (cuts: readonly (readonly [number, number])[]) => {
        model.start(encode(backend(), model));
        const parts = cuts.map(([from, to]) => at(from, to));
        return Float32Array.from(Array.from({ length: N }, (_row, n) => parts.flatMap((part) => part[n] ?? [])).flat());
      };
      const whole = run([[0, 4]]);
      expect(new Set(whole).size).toBeGreaterThan(4 * V);
      expectSameBits(
        "single steps",
        run([
          [0, 1],
          [1, 2],
          [2, 3],
          [3, 4],
        ]),
        whole,
      );
      expectSameBits(
        "two and two",
        run([
          [0, 2],
          [2, 4],
        ]),
        whole,
      );
    });

    test("single steps lose what the loss says of the same tokens", () => {
      const model = makePairModel(backend(), given);
      const losses = model.losses(batchOf(backend(), pairs)).slice();
      model.start(encode(backend(), model));
      for (let t = 0; t < 4; t++) {
        const rows = step(
          backend(),
          model,
          pairs.targets.map((row) => row[t] ?? -1),
        );
        for (const [n, row] of rows.entries()) {
          const logits = row.subarray(0, V);
          const lse = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
          expect(losses[n * 4 + t]).toBeCloseTo(lse - (logits[pairs.targets[n]?.[t + 1] ?? -1] ?? Number.NaN), 5);
        }
      }
    });

    test("beams give each row what it gives alone, and start again from the beginning", () => {
      const model = makePairModel(backend(), given);
      const alone = Array.from({ length: B }, (_beam, b) => {
        model.start(encode(backend(), model));
        return beams.map((ids) =>
          step(
            backend(),
            model,
            ids.filter((_id, r) => r % B === b),
          ),
        );
      });
      const encoded = encode(backend(), model);
      for (const _again of [1, 2]) {
        model.start(encoded, B);
        for (const [t, ids] of beams.entries())
          expectRows(
            step(backend(), model, ids),
            ids.map((_id, r) => alone[r % B]?.[t]?.[Math.floor(r / B)]),
          );
      }
    });

    test("rows that are put in another order go on from what their parents have read, a second time too", () => {
      const model = makePairModel(backend(), given);
      const encoded = encode(backend(), model);
      const parents = [2, 2, 0, 1, 7, 4, 4, 6, 8, 11, 10, 8]; // each among the beams of its own source
      const of = (ids: readonly number[]): number[] => parents.map((parent) => ids[parent] ?? -1);
      /** What the last of some steps gives, with rows put in order before each of the steps `turns`. */
      const run = (inputs: readonly number[][], ...turns: readonly number[]) => {
        model.start(encoded, B);
        const outputs = inputs.map((ids, t) => {
          for (const turn of turns) if (turn === t) model.reorder(intsOf(backend(), { shape: [N * B], data: parents }));
          return step(backend(), model, ids);
        });
        return outputs.at(-1) ?? [];
      };
      const [a = [], b = [], c = [], d = []] = beams;
      // A row that changes its past is a row that had that past all along.
      expectRows(run([a, b, c], 2), run([of(a), of(b), c]));
      expectRows(run([a, b, c, d], 2), run([of(a), of(b), c, d]));
      expectRows(run([a, b, c, d], 1, 3), run([of(of(a)), of(b), of(c), d]));
      expectRows(run([a, b, c], 2, 2), run([of(of(a)), of(of(b)), c]));
      expectRows(run([a, b], 0), run([a, b])); // all have read nothing yet
      expect(run([a, b, c], 2).map(String)).not.toEqual(run([a, b, c]).map(String));
    });
  });
});
