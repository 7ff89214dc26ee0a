import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { Random } from "../../src/engine/random.js";
import type { Ints } from "../../src/engine/tensor.js";
import { type PairBatch, SequenceWriter } from "../../src/models/sources.js";
import { PairBatches } from "../../src/run/batches.js";
import type { PairSet } from "../../src/tasks/pairs/pairs.js";

const COUNT = 3000;

/** Pair i has i in all of its places, 1 to 40 of them, and the start token −1 before its target. */
function makePairs(other: (source: number, random: Random) => number): PairSet {
  const random = new Random(1);
  const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
  for (let i = 0; i < COUNT; i++) {
    const S = 1 + random.below(40);
    sources.add(new Array<number>(S).fill(i));
    targets.add([-1, ...new Array<number>(other(S, random)).fill(i)]);
  }
  return { count: COUNT, sources: sources.finish(), targets: targets.finish() };
}

const sets = [
  ["each side of any length", makePairs((_, random) => 1 + random.below(40))],
  ["targets about as long as their sources", makePairs((S, random) => Math.max(1, S + random.below(9) - 4))],
  ["targets as long as their sources", makePairs((S) => S)],
  ["sources of any length, targets of one", makePairs(() => 5)],
] as const;

const make = (pairs: PairSet, batchSize = 32, seed = 1) => new PairBatches(openReference(), pairs, { batchSize, seed });

/** The pairs of a batch, after a look at all that stands in it. */
function readBatch(pairs: PairSet, { source, target, sourceLengths, targetLengths }: PairBatch): number[] {
  const [N = 0, S = 0] = source.shape;
  const W = target.shape[1] ?? 0;
  const lengthOf = (lengths: Ints | undefined, n: number, width: number) => lengths?.data[n] ?? width;
  return Array.from({ length: N }, (_, n) => {
    const pair = source.data[n * S] ?? -1;
    expect([lengthOf(sourceLengths, n, S), lengthOf(targetLengths, n, W)]).toEqual([
      pairs.sources.length(pair),
      pairs.targets.length(pair),
    ]);
    expect(source.data.subarray(n * S, (n + 1) * S).every((id) => id === pair)).toBe(true);
    const row = target.data.subarray(n * W, (n + 1) * W);
    expect(row[0]).toBe(-1);
    expect(row.subarray(1).every((id) => id === pair)).toBe(true);
    return pair;
  });
}

/** The pairs of an epoch, batch by batch. */
const epochOf = (pairs: PairSet, batches: PairBatches, epoch: number): number[][] =>
  Array.from({ length: batches.perEpoch }, (_, i) => readBatch(pairs, batches.batch(epoch, i)));

describe.each(sets)("batches of pairs: %s", (_, pairs) => {
  test("hold each pair at most once in an epoch, all but what fills no batch", () => {
    const batches = make(pairs);
    expect(batches.perEpoch).toBe(93);
    const tokens = pairs.targets.ids.length - COUNT;
    expect(batches.tokensPerBatch).toBeCloseTo((32 * tokens) / COUNT, 9);
    const left = [1, 2].map((epoch) => {
      const seen = new Set(epochOf(pairs, batches, epoch).flat());
      expect(seen.size).toBe(93 * 32);
      return Array.from({ length: COUNT }, (_pair, i) => i).filter((i) => !seen.has(i));
    });
    expect(left[0]).not.toEqual(left[1]);
  });

  test("are a function of their place alone", () => {
    const batches = make(pairs);
    const third = epochOf(pairs, batches, 3);
    epochOf(pairs, batches, 7);
    expect(readBatch(pairs, batches.batch(3, 50))).toEqual(third[50]);
    expect(epochOf(pairs, make(pairs), 3)).toEqual(third);
  });

  test("come in another order in each epoch and with each seed, and not from long to short", () => {
    const orders = [
      epochOf(pairs, make(pairs), 1),
      epochOf(pairs, make(pairs), 2),
      epochOf(pairs, make(pairs, 32, 2), 1),
    ];
    expect(new Set(orders.map(String)).size).toBe(3);
    for (const order of orders) {
      const longest = order.map((batch) => Math.max(...batch.map((pair) => pairs.sources.length(pair))));
      expect(longest.slice(1, 90).every((length, i) => length <= (longest[i] ?? 0))).toBe(false);
    }
  });

  test("begin with the longest", () => {
    const batches = make(pairs);
    for (const epoch of [1, 2, 3]) {
      const sizes = Array.from({ length: batches.perEpoch }, (_batch, i) => {
        const { source, target } = batches.batch(epoch, i);
        return source.size + target.size;
      });
      expect(sizes[0]).toBe(Math.max(...sizes));
    }
  });

  test("are less than 15 % padding, where pairs drawn at random are 40 %", () => {
    const batches = make(pairs);
    for (const side of ["source", "target"] as const) {
      let [places, ids] = [0, 0];
      for (let i = 0; i < batches.perEpoch; i++) {
        const batch = batches.batch(1, i);
        places += batch[side].size;
        ids += batch[`${side}Lengths`]?.data.reduce((sum, length) => sum + length) ?? batch[side].size;
      }
      expect(1 - ids / places).toBeLessThan(0.15);
    }
  });
});

test("fewer pairs than a batch are one batch", () => {
  const pairs = sets[0][1];
  const batches = make(pairs, 5000);
  expect([batches.perEpoch, epochOf(pairs, batches, 1).flat().length]).toEqual([1, COUNT]);
});
