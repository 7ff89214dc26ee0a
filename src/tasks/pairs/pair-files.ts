import { createHash } from "node:crypto";
import { basename } from "node:path";
import { DataError } from "../../engine/errors.js";
import { heldNames, mainNames, type PairFileOptions, sharesOf } from "./pair-file-options.js";
import type { TextPair } from "./pair-formats.js";
import { type ListReading, PairInput, type PairNames } from "./pair-input.js";
import type { PairRow, Skipped } from "./pair-reader.js";
import type { PairScan } from "./pair-scan.js";
import { findOverlap, type PairPart, type PairShares, partAt, placeOf, placeOfRow } from "./pair-split.js";
import type { badRows } from "./rows.js";

/** Pairs in files, checked and counted; they are read anew whenever they are gone through. */
export interface PairSource {
  readonly name: string;
  /** Pairs in each part. */
  readonly counts: Readonly<Record<PairPart, number>>;
  /** Bad rows that were left out, by what was wrong with them. */
  readonly skipped: ReadonlyMap<keyof typeof badRows, number>;
  /** How many pairs had occurred before in their file; all are kept. */
  readonly duplicates: number;
  pairs(part: PairPart): Iterable<TextPair>;
  /** As `pairs`, each with its line. */
  rows(part: PairPart): Iterable<PairRow>;
  /** The file from which a part is read, or its sources. */
  file(part: PairPart): { readonly name: string; readonly path: string };
  /** Which of the test's pairs have a source that also occurs in training, by their index. */
  overlap(): number[];
  /** SHA-256 of the files. */
  hash(): string;
}

/**
 * Opens a file of pairs, or two parallel ones that `source` and `target` name, and goes through all rows once to check
 * and count them.
 * @param name the file, or undefined where `source` and `target` are given
 * @throws DataError naming the file and the line of the first bad row
 */
export function openPairs(name: string | undefined, options: OpenOptions, seed: number): PairSource {
  return new FilePairs(name, options, seed);
}

type OpenOptions = PairFileOptions & {
  dataDir?: string | undefined;
  /** What else a file says of itself, by its path. */
  readingOf?: (path: string) => ListReading;
};

class FilePairs implements PairSource {
  readonly name: string;
  readonly counts: Readonly<Record<PairPart, number>>;
  readonly duplicates: number;
  readonly skipped: Skipped = new Map();
  readonly #inputs: Readonly<Record<PairPart, PairInput>>;
  readonly #shares: PairShares;
  readonly #place: (source: string, row: number) => number;

  constructor(name: string | undefined, options: OpenOptions, seed: number) {
    const main = new PairInput(mainNames(name, options), options);
    const held = (names: PairNames | undefined): PairInput => (names ? new PairInput(names, options) : main);
    const valid = held(heldNames("valid", options));
    const test = held(heldNames("test", options));
    this.name = basename(main.files[0].name).replace(/\.[^.]*$/, "");
    this.#inputs = { train: main, valid, test };
    this.#place = options.groupBy === "row" ? (_, row) => placeOfRow(row, seed) : (source) => placeOf(source, seed);
    const check = (input: PairInput): PairScan | undefined =>
      input === main ? undefined : input.check(this.#place, this.skipped, 1);
    const all = main.check(this.#place, this.skipped, test === main ? 2 : 1);
    const [ownValid, ownTest] = [check(valid), check(test)];
    this.#shares = all.fit(sharesOf(options, all.count));
    const drawn = all.countParts(this.#shares);
    this.counts = { ...drawn, ...(ownValid && { valid: ownValid.count }), ...(ownTest && { test: ownTest.count }) };
    this.duplicates = [all, ownValid, ownTest].reduce((sum, scan) => sum + (scan?.countDuplicates() ?? 0), 0);
    if (this.counts.test === 0)
      throw new DataError(
        `${main.name}: expected at least 2 different sources, got one in all ${all.count} pairs.`,
        "--test names a file to test on; --group-by row parts equal sources",
      );
  }

  *pairs(part: PairPart): Generator<TextPair, void> {
    for (const { pair } of this.rows(part)) yield pair;
  }

  *rows(part: PairPart): Generator<PairRow, void> {
    const input = this.#inputs[part];
    const isDrawn = input === this.#inputs.train;
    let count = 0;
    for (const row of input.rows())
      if (!isDrawn || partAt(this.#place(row.pair.source, count++), this.#shares) === part) yield row;
  }

  file(part: PairPart): { readonly name: string; readonly path: string } {
    return this.#inputs[part].files[0];
  }

  overlap(): number[] {
    return findOverlap(sourcesOf(this.pairs("train")), sourcesOf(this.pairs("test")));
  }

  hash(): string {
    const hash = createHash("sha256");
    for (const { files } of new Set(Object.values(this.#inputs)))
      for (const file of files) for (const chunk of file.chunks()) hash.update(chunk);
    return hash.digest("hex");
  }
}

function* sourcesOf(pairs: Iterable<TextPair>): Generator<string, void> {
  for (const { source } of pairs) yield source;
}
