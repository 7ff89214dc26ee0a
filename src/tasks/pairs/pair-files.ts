import { DataError } from "../../engine/errors.js";
import { type DataFile, type Files, findFile, stemOf } from "../files.js";
import { heldNames, mainNames, type PairFileOptions, type PairNames, sharesOf } from "./pair-file-options.js";
import { formatOfName, type PairReading, readPairs } from "./pair-formats.js";
import {
  findOverlap,
  hashRow,
  hashSource,
  hashText,
  type Pair,
  type PairShares,
  type SplitName,
  splitAt,
  splitNames,
  type TextPairs,
} from "./pairs.js";
import { type badRows, describeSkipped, type PairRow, readParallelPairs, type Skipped } from "./rows.js";

/** Pairs in files, checked and counted. They are read again each time they are iterated over. */
export interface PairSource extends TextPairs {
  /** Pairs in each set. */
  readonly counts: Readonly<Record<SplitName, number>>;
  /** Bad rows that were left out, by the reason. */
  readonly skipped: ReadonlyMap<keyof typeof badRows, number>;
  /** Pairs that had occurred before in their file; all are kept. */
  readonly duplicates: number;
  pairs(split: SplitName): Iterable<Pair>;
  /** The same with their lines. */
  rows(split: SplitName): Iterable<PairRow>;
  /** The file from which a set is read, or that of its sources. */
  file(split: SplitName): { readonly name: string; readonly path: string };
  /** The indices of test pairs whose source also occurs in the training set. */
  overlap(): number[];
  /** SHA-256 of the files. */
  hash(): string;
}

/**
 * Opens a file of pairs, or the two parallel files of `source` and `target`, and reads all rows once, to check and divide
 * them. They are read again to train tokenizers and to encode them: a file may be larger than memory.
 * @param name the file; undefined if `source` and `target` are given
 * @throws DataError with the file and the line of the first bad row
 */
export function openPairs(name: string | undefined, options: OpenOptions, seed: number, files: Files): PairSource {
  return new FilePairs(name, options, seed, files);
}

type OpenOptions = PairFileOptions & {
  /** Options that a file sets for itself, by its path. */
  readingOf?: (path: string) => ListReading;
  /** The fewest pairs that the file may have. @default 2, or 1 if another file is the test set */
  least?: number | undefined;
};

class FilePairs implements PairSource {
  readonly name: string;
  readonly counts: Readonly<Record<SplitName, number>>;
  readonly duplicates: number;
  readonly skipped: Skipped = new Map();
  readonly #files: Files;
  readonly #inputs: Readonly<Record<SplitName, PairInput>>;
  readonly #shares: PairShares;
  readonly #hash: (source: string, row: number) => number;

  constructor(name: string | undefined, options: OpenOptions, seed: number, files: Files) {
    const main = new PairInput(mainNames(name, options), options, files);
    const held = (names: PairNames | undefined): PairInput => (names ? new PairInput(names, options, files) : main);
    const valid = held(heldNames("valid", options));
    const test = held(heldNames("test", options));
    this.name = stemOf(main.files[0].name);
    this.#files = files;
    this.#inputs = { train: main, valid, test };
    this.#hash = options.groupBy === "row" ? (_, row) => hashRow(row, seed) : (source) => hashSource(source, seed);
    const check = (input: PairInput): PairScan | undefined =>
      input === main ? undefined : input.check(this.#hash, this.skipped, 1);
    const all = main.check(this.#hash, this.skipped, options.least ?? (test === main ? 2 : 1));
    const [ownValid, ownTest] = [check(valid), check(test)];
    this.#shares = all.fit(sharesOf(options, all.count));
    const drawn = all.countSplits(this.#shares);
    this.counts = { ...drawn, ...(ownValid && { valid: ownValid.count }), ...(ownTest && { test: ownTest.count }) };
    this.duplicates = [all, ownValid, ownTest].reduce((sum, scan) => sum + (scan?.countDuplicates() ?? 0), 0);
    if (this.counts.test === 0)
      throw new DataError(
        `${main.name}: expected at least 2 different sources, got one in all ${all.count} pairs.`,
        "`test` names a file to test on; groupBy row splits rows with equal sources",
      );
  }

  *splits(): Generator<readonly [SplitName, Pair], void> {
    for (const [split, { pair }] of this.#rows(splitNames)) yield [split, pair];
  }

  *pairs(split: SplitName): Generator<Pair, void> {
    for (const { pair } of this.rows(split)) yield pair;
  }

  *rows(split: SplitName): Generator<PairRow, void> {
    for (const [, row] of this.#rows([split])) yield row;
  }

  /** The rows of some sets. Each file is read once, though several sets may be drawn from it. */
  *#rows(wanted: readonly SplitName[]): Generator<readonly [SplitName, PairRow], void> {
    const main = this.#inputs.train;
    if (wanted.some((split) => this.#inputs[split] === main)) {
      let count = 0;
      for (const row of main.rows()) {
        const split = splitAt(this.#hash(row.pair.source, count++), this.#shares);
        if (wanted.includes(split) && this.#inputs[split] === main) yield [split, row];
      }
    }
    for (const split of wanted)
      if (this.#inputs[split] !== main) for (const row of this.#inputs[split].rows()) yield [split, row];
  }

  file(split: SplitName): { readonly name: string; readonly path: string } {
    return this.#inputs[split].files[0];
  }

  overlap(): number[] {
    return findOverlap(sourcesOf(this.pairs("train")), sourcesOf(this.pairs("test")));
  }

  hash(): string {
    return this.#files.digest(this.#chunks());
  }

  *#chunks(): Generator<Uint8Array, void> {
    for (const { files } of new Set(Object.values(this.#inputs))) for (const file of files) yield* file.chunks();
  }
}

function* sourcesOf(pairs: Iterable<Pair>): Generator<string, void> {
  for (const { source } of pairs) yield source;
}

interface PairInputOptions extends PairReading {
  readonly skipInvalid?: boolean | undefined;
  /** Options that a file sets for itself, by its path. */
  readonly readingOf?: ((path: string) => ListReading) | undefined;
}

/** Options for one list of files. */
export interface ListReading extends PairReading {
  /** Maps a source to the one name of its file. Pairs have this name, and equal names are in the same set. */
  rename?(source: string): string;
}

const hint = "name a file of pairs: .tsv, .csv, .jsonl, or lines question_answer";

/** Pairs in one file or in two parallel ones. */
class PairInput {
  /** Name for errors. */
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
   * Reads all rows once.
   * @param place the hash that decides the set of a pair
   * @param skipped counts the bad rows that are left out
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
    return isHeaderTaken ? "the first line was read as column names: set `header` to no" : undefined;
  }

  /** @param skipped counts the bad rows that are left out */
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

/** Hashes of the pairs of a file: 12 bytes for each pair, so that it can be divided without keeping it. */
export class PairScan {
  readonly #splitHashes = new Uint32List();
  readonly #pairHashes = new Uint32List();

  /** @param splitHash as of `hashSource` or `hashRow` */
  add({ source, target }: Pair, splitHash: number): void {
    const [a, b] = hashText(`${source}\0${target}`);
    this.#splitHashes.push(splitHash);
    this.#pairHashes.push(a);
    this.#pairHashes.push(b);
  }

  /** Pairs. */
  get count(): number {
    return this.#splitHashes.values.length;
  }

  /** Pairs that had occurred before. Exact but for equal hashes: one chance in 2⁶⁴ for two pairs. */
  countDuplicates(): number {
    const words = this.#pairHashes.values.slice();
    new BigUint64Array(words.buffer).sort();
    let count = 0;
    for (let i = 2; i < words.length; i += 2) if (words[i] === words[i - 2] && words[i + 1] === words[i - 1]) count++;
    return count;
  }

  /** The nearest shares that leave a source each for the training and the test set, if there are two sources. */
  fit(wanted: PairShares): PairShares {
    let [first, last] = [2 ** 32, 0];
    for (const hash of this.#splitHashes.values) [first, last] = [Math.min(first, hash), Math.max(last, hash)];
    // in whole hashes, so that their sums are exact
    const [test, valid] = [Math.round(wanted.test * 2 ** 32), Math.round(wanted.valid * 2 ** 32)];
    const held = test === 0 ? 0 : Math.min(last, Math.max(test, first + 1));
    return { test: held / 2 ** 32, valid: Math.min(valid, last - held) / 2 ** 32 };
  }

  /** Pairs of each set. */
  countSplits(shares: PairShares): Record<SplitName, number> {
    const counts = { train: 0, valid: 0, test: 0 };
    for (const hash of this.#splitHashes.values) counts[splitAt(hash, shares)]++;
    return counts;
  }
}

/** A growing list of unsigned 32-bit numbers. */
class Uint32List {
  #all = new Uint32Array(1024);
  #length = 0;

  get values(): Uint32Array<ArrayBuffer> {
    return this.#all.subarray(0, this.#length);
  }

  push(value: number): void {
    if (this.#length === this.#all.length) {
      const longer = new Uint32Array(2 * this.#length);
      longer.set(this.#all);
      this.#all = longer;
    }
    this.#all[this.#length++] = value;
  }
}
