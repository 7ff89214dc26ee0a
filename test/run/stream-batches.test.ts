import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { SequenceWriter } from "../../src/models/sources.js";
import { StreamBatches } from "../../src/run/batches.js";
import type { PairSet, PairStream } from "../../src/tasks/pairs/pairs.js";

/** Sources of one to nine tokens, all of them the share of the training in thousandths; a target repeats its length. */
const stream: PairStream = {
  id: "a test's",
  draw(done, random) {
    const length = 1 + random.below(9);
    return { source: Array(length).fill(Math.round(1000 * done)), target: [0, length] };
  },
};

const sample: PairSet = (() => {
  const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
  for (const length of [2, 4]) {
    sources.add([1]);
    targets.add(Array(length).fill(1));
  }
  return { count: 2, sources: sources.finish(), targets: targets.finish() };
})();

const make = (seed = 1, steps = 2000): StreamBatches =>
  new StreamBatches(openReference(), stream, sample, { batchSize: 4, seed, steps });

/** A batch in words: each row's length, and what its tokens are. */
function read(batches: StreamBatches, epoch: number, index: number): { lengths: number[]; token: number } {
  const { source, target } = batches.batch(epoch, index);
  expect(target.shape).toEqual([4, 2]);
  return { lengths: [1, 3, 5, 7].map((i) => target.data[i] ?? 0), token: source.data[0] ?? -1 };
}

describe("batches without end", () => {
  test("have 500 steps in an epoch, and the tokens of the sample", () => {
    expect([make().perEpoch, make().tokensPerBatch]).toEqual([500, 8]);
  });

  test("are a function of seed and step alone, whatever came before", () => {
    const one = make();
    const inOrder = Array.from({ length: 40 }, (_, index) => read(one, 2, index));
    const other = make();
    for (const index of [39, 3, 17, 0, 8, 7]) expect(read(other, 2, index)).toEqual(inOrder[index]);
    expect(Array.from({ length: 40 }, (_, index) => read(make(2), 2, index))).not.toEqual(inOrder);
    expect(read(other, 3, 0)).not.toEqual(read(other, 2, 0));
  });

  test("are sorted by length, eight at a time, and come in random order", () => {
    const batches = make();
    const pools = Array.from({ length: 3 }, (_, pool) =>
      Array.from({ length: 8 }, (_, i) => read(batches, 1, 8 * pool + i).lengths),
    );
    const ranges = pools.map((pool) => pool.map((lengths) => [Math.min(...lengths), Math.max(...lengths)] as const));
    for (const pool of ranges) {
      const sorted = pool.toSorted(([a, b], [c, d]) => a - c || b - d);
      for (const [i, [least]] of sorted.entries()) expect(least).toBeGreaterThanOrEqual(sorted[i - 1]?.[1] ?? 0);
    }
    const orders = ranges.map((pool) => pool.map(([least]) => least));
    expect(orders.every((order) => order.every((least, i) => least <= (order[i - 1] ?? 9)))).toBe(false);
  });

  test("know how much of the training is done when they are drawn", () => {
    const batches = make(1, 1000);
    expect([0, 7, 8, 496].map((index) => read(batches, 1, index).token)).toEqual([0, 0, 8, 496]);
    expect(read(batches, 2, 496).token).toBe(992);
    expect(read(batches, 9, 0).token).toBe(1000);
  });
});
