import type { TextPair } from "../data/pair-formats.js";
import { type PairReading, readPairs, readParallelPairs, type Skipped } from "../data/pair-reader.js";
import { ChunkedFile } from "./chunked-file.js";
import { findFile } from "./datasets.js";

/** One file of pairs, or two whose lines belong together. */
export type PairNames = readonly [file: string] | readonly [source: string, target: string];

export interface PairInputOptions extends PairReading {
  readonly dataDir?: string | undefined;
  readonly skipBad?: boolean | undefined;
}

/** Pairs in one file or in two parallel ones. */
export class PairInput {
  /** How errors call it. */
  readonly name: string;
  readonly files: readonly [ChunkedFile, ...ChunkedFile[]];
  readonly #read: (skipped: Skipped | undefined) => ReturnType<typeof readPairs>;
  readonly #skips: boolean;

  constructor(names: PairNames, { dataDir, skipBad = false, ...reading }: PairInputOptions) {
    const hint = "name a file of pairs: .tsv, .csv, .jsonl, or lines question_answer";
    const open = (name: string): ChunkedFile => new ChunkedFile(name, findFile(name, dataDir, hint));
    const [a, b] = names;
    const file = open(a);
    const other = b === undefined ? undefined : open(b);
    this.name = names.join(" and ");
    this.files = other ? [file, other] : [file];
    this.#skips = skipBad;
    this.#read = (skipped) =>
      other
        ? readParallelPairs([file.name, other.name], [file.chunks(), other.chunks()], skipped)
        : readPairs(file.name, file.chunks(), reading, skipped);
  }

  /** @param skipped where bad rows that are left out are counted */
  *pairs(skipped: Skipped = new Map()): Generator<TextPair, void> {
    for (const { pair } of this.#read(this.#skips ? skipped : undefined)) yield pair;
  }
}
