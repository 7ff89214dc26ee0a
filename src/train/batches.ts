import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import type { PairSet } from "../data/pairs.js";
import type { PairBatch } from "../models/seq2seq.js";
import { Random } from "../random.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";

/** Where a trainer gets its batches. A batch is a function of its place alone, so training can go on anywhere. */
export interface BatchSource<Batch> {
  /** Updates in an epoch. */
  readonly perEpoch: number;
  /** Target tokens in a batch, for the rate that reports give. */
  readonly tokensPerBatch: number;
  /** Batch `index` (from 0) of epoch `epoch` (from 1). It lives until the next call. */
  batch(epoch: number, index: number): Batch;
}

/** Batches of N pairs in an order that each epoch draws anew; what is left over at an epoch's end waits for the next. */
export class PairBatches implements BatchSource<PairBatch> {
  readonly perEpoch: number;
  readonly tokensPerBatch: number;
  readonly #N: number;
  readonly #pairs: PairSet;
  readonly #seed: number;
  readonly #write: (row: number, pair: number) => void;
  readonly #batch: PairBatch;
  #order = { epoch: 0, pairs: new Int32Array(0) };

  constructor(
    backend: Backend,
    pairs: PairSet,
    tokenizer: PairTokenizer,
    { batch, seed }: { batch: number; seed: number },
  ) {
    const { sourceWidth, targetWidth } = tokenizer;
    const room = new Room(backend.arena);
    this.#N = Math.min(batch, pairs.count);
    this.#pairs = pairs;
    this.#seed = seed;
    this.perEpoch = Math.floor(pairs.count / this.#N);
    this.tokensPerBatch = this.#N * (targetWidth - 1);
    const source = room.ints("source", [this.#N, sourceWidth]);
    const target = room.ints("target", [this.#N, targetWidth]);
    this.#batch = { source, target };
    this.#write = (row, pair) => {
      source.data.set(pairs.sources.subarray(pair * sourceWidth, (pair + 1) * sourceWidth), row * sourceWidth);
      target.data.set(pairs.targets.subarray(pair * targetWidth, (pair + 1) * targetWidth), row * targetWidth);
    };
  }

  batch(epoch: number, index: number): PairBatch {
    if (this.#order.epoch !== epoch) {
      const pairs = Int32Array.from({ length: this.#pairs.count }, (_, i) => i);
      this.#order = { epoch, pairs: new Random(this.#seed, epoch).shuffle(pairs) };
    }
    const chosen = this.#order.pairs.subarray(index * this.#N, (index + 1) * this.#N);
    chosen.forEach((pair, row) => {
      this.#write(row, pair);
    });
    return this.#batch;
  }
}
