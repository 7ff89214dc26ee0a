import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { Random } from "../engine/random.js";
import type { PairBatch } from "../models/encoder-decoder.js";
import { byLength, packPairs } from "../models/pack.js";
import { SequenceWriter } from "../models/sequences.js";
import type { PairSet, PairStream } from "../tasks/pairs/pairs.js";
import type { BatchSource } from "./batches.js";

/** Batches that are drawn and sorted by length together. */
const POOL = 8;
/** Each pool's stream of random numbers is this and its number. */
const STREAM = 0x10000000;

/**
 * Batches of N pairs that never come to an end: what is drawn is a function of the seed and of the step, and of nothing
 * that happened before. Eight batches are drawn at a time and sorted so that pairs of similar lengths come together and
 * little is padding; these eight come in random order. An epoch is 500 steps.
 */
export class StreamBatches implements BatchSource<PairBatch> {
  /** Steps between two evaluations. */
  static readonly perEpoch = 500;
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
    const number = Math.floor(step / POOL);
    if (this.#pool?.number !== number) this.#pool = { number, ...this.#draw(number) };
    const { pairs, batches } = this.#pool;
    return packPairs(this.#workspace, pairs, batches[step % POOL] ?? []);
  }

  #draw(number: number): { pairs: PairSet; batches: Int32Array[] } {
    const { batchSize: N, seed, steps } = this.#options;
    const random = new Random(seed, STREAM + number);
    const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
    const count = POOL * N;
    for (let i = 0; i < count; i++) {
      const { source, target } = this.#stream.draw(Math.min(1, (number * POOL) / steps), random);
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
