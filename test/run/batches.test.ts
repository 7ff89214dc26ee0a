import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { type Sequences, SequenceWriter } from "../../src/models/sources.js";
import { PairBatches } from "../../src/run/batches.js";
import type { PairSet } from "../../src/tasks/pairs/pairs.js";

/** Pair i is the source (10i, 10i + 1) with the target (i, i, i). */
const pairs: PairSet = {
  count: 10,
  sources: sequencesOf((i) => [10 * i, 10 * i + 1]),
  targets: sequencesOf((i) => [i, i, i]),
};

function sequencesOf(row: (i: number) => number[]): Sequences {
  const writer = new SequenceWriter();
  for (let i = 0; i < 10; i++) writer.add(row(i));
  return writer.finish();
}

const makeBatches = (batchSize: number, seed = 1): PairBatches =>
  new PairBatches(openReference(), pairs, { batchSize, seed });

/** The pairs of an epoch, batch after batch. */
function epochOf(batches: PairBatches, epoch: number): number[] {
  return Array.from({ length: batches.perEpoch }, (_, index) => {
    const { source, target } = batches.batch(epoch, index);
    const chosen = Array.from({ length: target.shape[0] ?? 0 }, (_, row) => target.data[3 * row] ?? -1);
    expect([...target.data]).toEqual(chosen.flatMap((pair) => [pair, pair, pair]));
    expect([...source.data]).toEqual(chosen.flatMap((pair) => [10 * pair, 10 * pair + 1]));
    return chosen;
  }).flat();
}

describe("batches of pairs", () => {
  test("hold whole batches, each pair at most once in an epoch, question and answer together", () => {
    const batches = makeBatches(3);
    expect([batches.perEpoch, batches.tokensPerBatch]).toEqual([3, 6]);
    for (const epoch of [1, 2, 3]) expect(new Set(epochOf(batches, epoch)).size).toBe(9);
  });

  test("come in another order in each epoch and with each seed", () => {
    const orders = [epochOf(makeBatches(2), 1), epochOf(makeBatches(2), 2), epochOf(makeBatches(2, 2), 1)];
    expect(new Set(orders.map(String)).size).toBe(3);
    for (const order of orders) expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("are a function of their place alone", () => {
    const batches = makeBatches(2);
    const order = epochOf(batches, 3);
    epochOf(batches, 7);
    expect([...batches.batch(3, 2).target.data].filter((_, i) => i % 3 === 0)).toEqual(order.slice(4, 6));
    expect(epochOf(makeBatches(2), 3)).toEqual(order);
  });

  test("are as large as all pairs where more were asked for", () => {
    const batches = makeBatches(128);
    expect([batches.perEpoch, batches.tokensPerBatch]).toEqual([1, 20]);
    expect(epochOf(batches, 1).toSorted()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
