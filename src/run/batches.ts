import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { DataError } from "../engine/errors.js";
import { Random } from "../engine/random.js";
import type { PairBatch } from "../models/encoder-decoder.js";
import { byLength, packPairs } from "../models/pack.js";
import type { Sources } from "../models/sources.js";
import type { PairSet } from "../tasks/pairs/pairs.js";

/** Where a trainer gets its batches. A batch is a function of its place alone, so training can go on anywhere. */
export interface BatchSource<Batch> {
  /** Steps in an epoch. */
  readonly perEpoch: number;
  /** Target tokens in a batch, in the mean, for the rate that reports give. */
  readonly tokensPerBatch: number;
  /** Batch `index` (from 0) of epoch `epoch` (from 1). It lives until the next call. */
  batch(epoch: number, index: number): Batch;
}

/** Batches that are sorted by length together: into groups by the targets' lengths, in each by the sources'. */
const POOL = 64;
const GROUP = 8;

/**
 * Batches of N pairs in an order that each epoch draws anew; what is left over at an epoch's end waits for the next. Where
 * lengths differ, each 64 batches' pairs are sorted so that pairs of similar lengths come together and little is padding;
 * these batches come in random order. An epoch begins with its longest batch of all, so that what does not fit into memory
 * is known at once.
 */
export class PairBatches implements BatchSource<PairBatch> {
  readonly perEpoch: number;
  readonly tokensPerBatch: number;
  readonly #N: number;
  readonly #pairs: PairSet<Sources>;
  readonly #seed: number;
  readonly #workspace: Workspace;
  readonly #isRagged: boolean;
  #order: { epoch: number; pairs: Int32Array } = { epoch: 0, pairs: new Int32Array(0) };

  constructor(backend: Backend, pairs: PairSet<Sources>, { batchSize, seed }: { batchSize: number; seed: number }) {
    if (pairs.count === 0) throw new DataError("PairBatches: expected at least one pair, got none.");
    this.#workspace = new Workspace(backend.arena);
    this.#N = Math.min(batchSize, pairs.count);
    this.#pairs = pairs;
    this.#seed = seed;
    this.perEpoch = Math.floor(pairs.count / this.#N);
    this.tokensPerBatch = (this.#N * (pairs.targets.ids.length - pairs.count)) / pairs.count;
    this.#isRagged = [pairs.sources, pairs.targets].some((side) => side.steps !== side.count * side.length(0));
  }

  batch(epoch: number, index: number): PairBatch {
    if (this.#order.epoch !== epoch) this.#order = { epoch, pairs: this.#draw(epoch) };
    const chosen = this.#order.pairs.subarray(index * this.#N, (index + 1) * this.#N);
    return packPairs(this.#workspace, this.#pairs, chosen);
  }

  #draw(epoch: number): Int32Array {
    const random = new Random(this.#seed, epoch);
    const pairs = random.shuffle(Int32Array.from({ length: this.#pairs.count }, (_, i) => i));
    if (!this.#isRagged) return pairs;
    const { sources, targets } = this.#pairs;
    const N = this.#N;
    const batches: Int32Array[] = [];
    for (const pool of chunks(pairs.subarray(0, this.perEpoch * N), POOL * N))
      for (const group of chunks(byLength(targets, pool), GROUP * N))
        batches.push(...chunks(byLength(sources, group), N));
    random.shuffle(batches);
    const longest = batches.reduce((a, b) => (this.#size(b) > this.#size(a) ? b : a));
    const order = new Int32Array(this.perEpoch * N);
    order.set(longest);
    let end = N;
    for (const batch of batches)
      if (batch !== longest) {
        order.set(batch, end);
        end += N;
      }
    return order;
  }

  /** Columns that a batch has. */
  #size(batch: Int32Array): number {
    const longest = (side: Sources): number => batch.reduce((most, pair) => Math.max(most, side.length(pair)), 0);
    return longest(this.#pairs.sources) + longest(this.#pairs.targets);
  }
}

function chunks(list: Int32Array, size: number): Int32Array[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.subarray(i * size, (i + 1) * size));
}
