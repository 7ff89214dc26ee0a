import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { Random } from "../engine/random.js";
import { byLength, type PairBatch, packPairs, SequenceWriter } from "../models/sources.js";
import type { PairSet, PairStream } from "../tasks/pairs/pairs.js";
import type { BatchSource } from "./batches.js";

/** Batches that are drawn and sorted by length together. */
const POOL = 8;
/** Each pool's stream of random numbers is this and its number. */
const STREAM = 0x10000000;

/**
 * Batches of N pairs that never come to an end: what is drawn is a function of the seed and of the update, and of nothing
 * that happened before. Eight batches are drawn at a time and sorted so that pairs of similar lengths come together and
 * little is padding; these eight come in random order. An epoch is 500 updates.
 */
export class StreamBatches implements BatchSource<PairBatch> {
  /** Updates between two evaluations. */
  static readonly perEpoch = 500;
  readonly perEpoch = StreamBatches.perEpoch;
  readonly tokensPerBatch: number;
  readonly #stream: PairStream;
  readonly #options: { readonly batch: number; readonly seed: number; readonly updates: number };
  readonly #workspace: Workspace;
  #pool: { number: number; pairs: PairSet; batches: Int32Array[] } | undefined;

  /**
   * @param sample pairs of the stream, to tell the mean length of a target by
   * @param options updates: of the whole training
   */
  constructor(
    backend: Backend,
    stream: PairStream,
    { targets, count }: Pick<PairSet, "targets" | "count">,
    options: { readonly batch: number; readonly seed: number; readonly updates: number },
  ) {
    this.#workspace = new Workspace(backend.arena);
    this.#stream = stream;
    this.#options = options;
    this.tokensPerBatch = (options.batch * (targets.ids.length - count)) / count;
  }

  batch(epoch: number, index: number): PairBatch {
    const update = (epoch - 1) * this.perEpoch + index;
    const number = Math.floor(update / POOL);
    if (this.#pool?.number !== number) this.#pool = { number, ...this.#draw(number) };
    const { pairs, batches } = this.#pool;
    return packPairs(this.#workspace, pairs, batches[update % POOL] ?? []);
  }

  #draw(number: number): { pairs: PairSet; batches: Int32Array[] } {
    const { batch: N, seed, updates } = this.#options;
    const random = new Random(seed, STREAM + number);
    const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
    const count = POOL * N;
    for (let i = 0; i < count; i++) {
      const { source, target } = this.#stream.draw(Math.min(1, (number * POOL) / updates), random);
      sources.add(source);
      targets.add(target);
    }
    const pairs = { count, sources: sources.finish(), targets: targets.finish() };
    const rows = Int32Array.from({ length: count }, (_, row) => row);
    const sorted = byLength(pairs.sources, byLength(pairs.targets, rows));
    const batches = Array.from({ length: POOL }, (_, i) => sorted.subarray(i * N, (i + 1) * N));
    return { pairs, batches: random.shuffle(batches) };
  }
}
