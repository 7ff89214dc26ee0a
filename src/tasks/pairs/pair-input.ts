import { DataError } from "../../engine/errors.js";
import { type DataFile, type Files, findFile } from "../files.js";
import { formatOfName } from "./pair-formats.js";
import {
  describeSkipped,
  type PairReading,
  type PairRow,
  readPairs,
  readParallelPairs,
  type Skipped,
} from "./pair-reader.js";
import { PairScan } from "./pair-split.js";

/** One file of pairs, or two whose lines belong together. */
export type PairNames = readonly [file: string] | readonly [source: string, target: string];

interface PairInputOptions extends PairReading {
  readonly skipInvalid?: boolean | undefined;
  /** What else a file says of itself, by its path. */
  readonly readingOf?: ((path: string) => ListReading) | undefined;
}

/** How a list of files is read. */
export interface ListReading extends PairReading {
  /** The one name of the file that a source names: equal names stay together, and are what pairs have. */
  rename?(source: string): string;
}

const hint = "name a file of pairs: .tsv, .csv, .jsonl, or lines question_answer";

/** Pairs in one file or in two parallel ones. */
export class PairInput {
  /** How errors call it. */
  readonly name: string;
  readonly files: readonly [DataFile, ...DataFile[]];
  readonly #options: PairInputOptions & ListReading;

  constructor([file, other]: PairNames, options: PairInputOptions, files: Files) {
    const open = (name: string): DataFile => files.open(name, findFile(files, name, hint));
    this.name = other === undefined ? file : `${file} and ${other}`;
    this.files = other === undefined ? [open(file)] : [open(file), open(other)];
    this.#options = { ...options, ...options.readingOf?.(this.files[0].path) };
  }

  /**
   * Goes through all rows once.
   * @param place where a pair stands in the split
   * @param skipped where bad rows that are left out are counted
   * @throws DataError where a row is bad, or there are fewer than `least` pairs
   */
  check(place: (source: string, row: number) => number, skipped: Skipped, least: number): PairScan {
    const scan = new PairScan();
    const own: Skipped = new Map();
    for (const { pair } of this.rows(own)) scan.add(pair, place(pair.source, scan.count));
    for (const [reason, count] of own) skipped.set(reason, (skipped.get(reason) ?? 0) + count);
    if (scan.count >= least) return scan;
    const expected = `at least ${least} ${least === 1 ? "pair" : "pairs"}`;
    throw new DataError(`${this.name}: expected ${expected}, got ${scan.count}.`, this.#whyFew(own));
  }

  #whyFew(skipped: Skipped): string | undefined {
    if (skipped.size > 0) return describeSkipped(skipped);
    const { header, format = formatOfName(this.name) } = this.#options;
    const isHeaderTaken = this.files.length === 1 && format === "csv" && !header;
    return isHeaderTaken ? "the first line was taken to name the columns: --header no" : undefined;
  }

  /** @param skipped where bad rows that are left out are counted */
  *rows(skipped: Skipped = new Map()): Generator<PairRow, void> {
    const { rename } = this.#options;
    for (const row of this.#read(this.#options.skipInvalid ? skipped : undefined))
      yield rename ? { ...row, pair: { ...row.pair, source: rename(row.pair.source) } } : row;
  }

  #read(skipped: Skipped | undefined): Iterable<PairRow> {
    const [file, other] = this.files;
    return other
      ? readParallelPairs([file.name, other.name], [file.chunks(), other.chunks()], skipped)
      : readPairs(file.name, file.chunks(), this.#options, skipped);
  }
}
