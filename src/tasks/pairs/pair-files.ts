import { DataError } from "../../engine/errors.js";
import { type Files, stemOf } from "../files.js";
import { heldNames, mainNames, type PairFileOptions, sharesOf } from "./pair-file-options.js";
import { type ListReading, PairInput, type PairNames } from "./pair-input.js";
import type { PairRow, Skipped } from "./pair-reader.js";
import { findOverlap, hashRow, hashSource, type PairScan, type PairShares, splitAt } from "./pair-split.js";
import { type Pair, type SplitName, splitNames, type TextPairs } from "./pairs.js";
import type { badRows } from "./rows.js";

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
  /** What else a file says of itself, by its path. */
  readingOf?: (path: string) => ListReading;
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
    const all = main.check(this.#hash, this.skipped, test === main ? 2 : 1);
    const [ownValid, ownTest] = [check(valid), check(test)];
    this.#shares = all.fit(sharesOf(options, all.count));
    const drawn = all.countSplits(this.#shares);
    this.counts = { ...drawn, ...(ownValid && { valid: ownValid.count }), ...(ownTest && { test: ownTest.count }) };
    this.duplicates = [all, ownValid, ownTest].reduce((sum, scan) => sum + (scan?.countDuplicates() ?? 0), 0);
    if (this.counts.test === 0)
      throw new DataError(
        `${main.name}: expected at least 2 different sources, got one in all ${all.count} pairs.`,
        "--test names a file to test on; --group-by row parts equal sources",
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
