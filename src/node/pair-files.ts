import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as z from "zod/mini";
import type { TextPair } from "../data/pair-formats.js";
import { describeSkipped, type Skipped } from "../data/pair-reader.js";
import { PairScan } from "../data/pair-scan.js";
import { findOverlap, type PairPart, type PairShares, partAt, placeOf, placeOfRow } from "../data/pair-split.js";
import type { badRows } from "../data/rows.js";
import { DataError, OptionError } from "../errors.js";
import { quote } from "../text/quote.js";
import { PairInput, type PairNames } from "./pair-input.js";

const shareOrFile = z.union([z.number(), z.string()]);

/** How files of pairs are read and divided. */
export const PairFileOptions = z.object({
  source: z.optional(z.string().check(z.describe("file of sources, one a line, beside --target"))),
  target: z.optional(z.string().check(z.describe("file of targets: line n belongs to line n of --source"))),
  format: z.optional(
    z
      .enum(["tsv", "csv", "jsonl", "book"])
      .check(z.describe("form of the file (default: by its name's ending, or its first line)")),
  ),
  sourceColumn: z.optional(
    z.string().check(z.describe("column of the source: its name, or its number from 1 (default: 1; jsonl: source)")),
  ),
  targetColumn: z.optional(
    z.string().check(z.describe("column of the target: its name, or its number from 1 (default: 2; jsonl: target)")),
  ),
  header: z.optional(
    z
      .enum(["yes", "no"])
      .check(z.describe("whether the first line names the columns (default: yes for csv and where a column is named)")),
  ),
  valid: z.optional(
    shareOrFile.check(
      z.describe("for validation: a share, or a file, or two as A,B (default: 0.05, but at most about 2,500 pairs)"),
    ),
  ),
  test: z.optional(
    shareOrFile.check(
      z.describe("for the test: a share, or a file, or two as A,B (default: 0.1, but at most about 5,000 pairs)"),
    ),
  ),
  splitBy: z.optional(
    z
      .enum(["source", "row"])
      .check(z.describe("shares are drawn so that equal sources stay together, or row by row (default: source)")),
  ),
  skipBad: z._default(z.boolean().check(z.describe("leave out bad rows and count them")), false),
});
export type PairFileOptions = z.input<typeof PairFileOptions>;

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

type OpenOptions = PairFileOptions & { dataDir?: string | undefined };

/** What is held out where nothing is said: a share, and about how many pairs at most. */
const usual = { valid: { share: 0.05, most: 2500 }, test: { share: 0.1, most: 5000 } };

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
    const valid = readHeld("valid", options);
    const test = readHeld("test", options);
    this.name = basename(main.files[0].name).replace(/\.[^.]*$/, "");
    this.#place = options.splitBy === "row" ? (_, row) => placeOfRow(row, seed) : (source) => placeOf(source, seed);
    this.#inputs = {
      train: main,
      valid: "names" in valid ? new PairInput(valid.names, options) : main,
      test: "names" in test ? new PairInput(test.names, options) : main,
    };
    const scans = new Map(Array.from(new Set(Object.values(this.#inputs)), (input) => [input, this.#scan(input)]));
    const all = scans.get(main) ?? new PairScan();
    this.#shares = all.fit({ valid: shareOf("valid", valid, all.count), test: shareOf("test", test, all.count) });
    const drawn = all.countParts(this.#shares);
    const count = (part: "valid" | "test"): number =>
      this.#inputs[part] === main ? drawn[part] : (scans.get(this.#inputs[part])?.count ?? 0);
    this.counts = { train: drawn.train, valid: count("valid"), test: count("test") };
    this.duplicates = [...scans.values()].reduce((sum, scan) => sum + scan.countDuplicates(), 0);
    this.#expectEnough();
  }

  *pairs(part: PairPart): Generator<TextPair, void> {
    const input = this.#inputs[part];
    const isDrawn = input === this.#inputs.train;
    let row = 0;
    for (const pair of input.pairs())
      if (!isDrawn || partAt(this.#place(pair.source, row++), this.#shares) === part) yield pair;
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

  #scan(input: PairInput): PairScan {
    const scan = new PairScan();
    for (const pair of input.pairs(this.skipped)) scan.add(pair, this.#place(pair.source, scan.count));
    return scan;
  }

  /** @throws DataError where there is nothing to train on or nothing to test on */
  #expectEnough(): void {
    const { train: main, test: held } = this.#inputs;
    const { train, valid, test } = this.counts;
    const hint = this.skipped.size > 0 ? describeSkipped(this.skipped) : undefined;
    if (main !== held && test === 0) throw new DataError(`${held.name}: expected at least one pair, got none.`, hint);
    if (main !== held && train === 0) throw new DataError(`${main.name}: expected at least one pair, got none.`, hint);
    if (train > 0 && test > 0) return;
    const all = train + test + (this.#inputs.valid === main ? valid : 0);
    if (all < 2) throw new DataError(`${main.name}: expected at least two pairs, got ${all}.`, hint);
    throw new DataError(
      `${main.name}: expected at least two different sources, got one in all ${all} pairs.`,
      "--test names a file to test on; --split-by row parts equal sources",
    );
  }
}

type Held = { readonly names: PairNames } | { readonly share: number | undefined };

/** What an option says is held out: a share, or files. */
function readHeld(part: "valid" | "test", options: PairFileOptions): Held {
  const given = options[part];
  const share = given === "" ? Number.NaN : Number(given ?? usual[part].share);
  if (!Number.isNaN(share)) {
    if (share < 0 || share >= 1 || (part === "test" && share === 0))
      throw new OptionError(
        `--${part}: expected a share ${part === "test" ? "above" : "of at least"} 0 and below 1, or a file, got ${share}.`,
      );
    return { share: given === undefined ? undefined : share };
  }
  const text = String(given);
  if (options.source === undefined) return { names: [text] };
  const [a, b, ...more] = text.split(",");
  if (!a || !b || more.length > 0)
    throw new OptionError(`--${part}: expected two files as SOURCES,TARGETS, got ${quote(text)}.`);
  return { names: [a, b] };
}

function shareOf(part: "valid" | "test", held: Held, count: number): number {
  if ("names" in held) return 0;
  return held.share ?? Math.min(usual[part].share, usual[part].most / count);
}

function mainNames(name: string | undefined, { source, target }: PairFileOptions): PairNames {
  const got = Object.entries({ [name ?? ""]: name, "--source": source, "--target": target });
  const given = got.filter(([, value]) => value !== undefined).map(([option]) => option);
  if (name !== undefined && given.length === 1) return [name];
  if (name === undefined && source !== undefined && target !== undefined) return [source, target];
  throw new OptionError(
    `data: expected a file of pairs, or --source and --target, got ${given.join(" and ") || "neither"}.`,
  );
}

function* sourcesOf(pairs: Iterable<TextPair>): Generator<string, void> {
  for (const { source } of pairs) yield source;
}
