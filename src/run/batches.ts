import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { DataError } from "../engine/errors.js";
import { Random } from "../engine/random.js";
import { byLength, type PairBatch, packPairs, SequenceWriter, type Sources } from "../models/sources.js";
import { type PairSet, type PairStream, STREAM_EPOCH } from "../tasks/pairs/pairs.js";

/** A source of training batches. A batch depends only on its position, so training can resume at any of them. */
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
 * Batches of N pairs in a new random order in each epoch; what is left over at an epoch's end waits for the next. Where
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

/** Batches that are drawn and sorted by length together. */
const STREAM_POOL = 8;
/** Each pool's stream of random numbers is this and its number. */
const STREAM = 0x10000000;

/**
 * Batches of N pairs that never come to an end: what is drawn is a function of the seed and of the step, and of nothing
 * that happened before. Eight batches are drawn at a time and sorted so that pairs of similar lengths come together and
 * little is padding; these eight come in random order. An epoch is 500 steps.
 */
export class StreamBatches implements BatchSource<PairBatch> {
  /** Steps between two evaluations. */
  static readonly perEpoch = STREAM_EPOCH;
  readonly perEpoch = StreamBatches.perEpoch;
  readonly tokensPerBatch: number;
  readonly #stream: PairStream;
  readonly #options: { readonly batchSize: number; readonly seed: number; readonly steps: number };
  readonly #workspace: Workspace;
  #pool: { number: number; pairs: PairSet; batches: Int32Array[] } | undefined;

  /**
   * @param sample pairs of the stream, to tell the mean length of a target by
   * @param options steps: of the whole training
   */
  constructor(
    backend: Backend,
    stream: PairStream,
    { targets, count }: Pick<PairSet, "targets" | "count">,
    options: { readonly batchSize: number; readonly seed: number; readonly steps: number },
  ) {
    this.#workspace = new Workspace(backend.arena);
    this.#stream = stream;
    this.#options = options;
    this.tokensPerBatch = (options.batchSize * (targets.ids.length - count)) / count;
  }

  batch(epoch: number, index: number): PairBatch {
    const step = (epoch - 1) * this.perEpoch + index;
    const number = Math.floor(step / STREAM_POOL);
    if (this.#pool?.number !== number) this.#pool = { number, ...this.#draw(number) };
    const { pairs, batches } = this.#pool;
    return packPairs(this.#workspace, pairs, batches[step % STREAM_POOL] ?? []);
  }

  #draw(number: number): { pairs: PairSet; batches: Int32Array[] } {
    const { batchSize: N, seed, steps } = this.#options;
    const random = new Random(seed, STREAM + number);
    const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
    const count = STREAM_POOL * N;
    for (let i = 0; i < count; i++) {
      const { source, target } = this.#stream.draw(Math.min(1, (number * STREAM_POOL) / steps), random);
      sources.add(source);
      targets.add(target);
    }
    const pairs = { count, sources: sources.finish(), targets: targets.finish() };
    const rows = Int32Array.from({ length: count }, (_, row) => row);
    const sorted = byLength(pairs.sources, byLength(pairs.targets, rows));
    const batches = Array.from({ length: STREAM_POOL }, (_, i) => sorted.subarray(i * N, (i + 1) * N));
    return { pairs, batches: random.shuffle(batches) };
  }
}
