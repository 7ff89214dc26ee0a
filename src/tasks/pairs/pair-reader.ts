import * as z from "zod/mini";
import { checkOptions } from "../../engine/check-options.js";
import { DataError } from "../../engine/errors.js";
import {
  formatOfName,
  formatOfRow,
  openFixed,
  type PairColumns,
  type PairFormatName,
  pairFormatNames,
  pairFormats,
  type RowReader,
} from "./pair-formats.js";
import type { Pair } from "./pairs.js";
import { type BadRow, badRows, type Row, readRows } from "./rows.js";

/** The format and the columns of a file of pairs. */
export interface PairReading extends PairColumns {
  /** @default by the name's ending, or else by the first row */
  readonly format?: PairFormatName | undefined;
}

const Format = z.object({ format: z.optional(z.enum(pairFormatNames)) });

/** A pair and the line in which it begins. */
export interface PairRow {
  readonly line: number;
  readonly pair: Pair;
}

/** Counts of skipped rows, by the reason. */
export type Skipped = Map<keyof typeof badRows, number>;

/** Words such as "3 rows skipped: 2 not in UTF-8, 1 too long", or "no rows skipped". */
export function describeSkipped(skipped: ReadonlyMap<keyof typeof badRows, number>): string {
  const counts = Array.from(skipped, ([reason, count]) => `${count} ${badRows[reason]}`);
  const total = [...skipped.values()].reduce((sum, count) => sum + count, 0);
  return total === 0 ? "no rows skipped" : `${total} ${total === 1 ? "row" : "rows"} skipped: ${counts.join(", ")}`;
}

/**
 * The pairs of a file, row by row.
 * @param name the file's name in errors; its ending decides the format if none is given
 * @param chunks the file's bytes; a chunk may be overwritten when the next is asked for
 * @param skipped if given, bad rows are left out and counted here
 * @throws DataError with the line of the first bad row
 */
export function* readPairs(
  name: string,
  chunks: Iterable<Uint8Array>,
  reading: PairReading = {},
  skipped?: Skipped,
): Generator<PairRow, void> {
  const { format = formatOfName(name) } = checkOptions("readPairs", Format, reading);
  const read = openFormat(name, reading, format);
  let isEmpty = true;
  for (const { line, content } of readRows(name, chunks, {
    quoted: format !== undefined && pairFormats[format].quoted,
  })) {
    isEmpty = false;
    const pair = typeof content === "string" ? read(content, line) : content;
    if (pair === "header") continue;
    if ("reason" in pair) reject(`${name}:${line}`, pair, skipped);
    else yield { line, pair };
  }
  if (isEmpty) throw emptyFile(name);
}

/** The most bytes of a line of fixed width. */
const LONGEST_FIXED = 10_000;

/**
 * All pairs of a file of lines `question_answer` of fixed width, as in the book: blanks are kept, and a target begins
 * with its `_`.
 * @param name the file's name in errors
 * @throws DataError with file and line
 */
export function readFixedPairs(name: string, bytes: Uint8Array): Pair[] {
  const read = openFixed();
  const pairs: Pair[] = [];
  for (const { line, content } of readRows(name, [bytes], { longest: LONGEST_FIXED, allowsNul: true })) {
    const pair = typeof content === "string" ? read(content, line) : content;
    if ("reason" in pair) throw new DataError(`${name}:${line}: ${pair.message}`, pair.hint);
    pairs.push(pair);
  }
  if (pairs.length < 2) throw new DataError(`${name}: expected at least two lines, got ${pairs.length}.`);
  return pairs;
}

/**
 * The pairs of two files: line n of one belongs to line n of the other.
 * @param skipped if given, pairs with a bad line are left out and counted here
 * @throws DataError with the first bad line, or the numbers of lines if they differ
 */
export function* readParallelPairs(
  names: readonly [source: string, target: string],
  chunks: readonly [source: Iterable<Uint8Array>, target: Iterable<Uint8Array>],
  skipped?: Skipped,
): Generator<PairRow, void> {
  const [sources, targets] = [readRows(names[0], chunks[0]), readRows(names[1], chunks[1])];
  try {
    for (let line = 1; ; line++) {
      const [source, target] = [sources.next(), targets.next()];
      if (source.done || target.done) {
        const [more, moreTargets] = [countRows(source, sources), countRows(target, targets)];
        expectSameLength(names, line - 1 + more, line - 1 + moreTargets);
        return;
      }
      const pair = { source: checkLine(source.value), target: checkLine(target.value) };
      if (typeof pair.source !== "string") reject(`${names[0]}:${line}`, pair.source, skipped);
      else if (typeof pair.target !== "string") reject(`${names[1]}:${line}`, pair.target, skipped);
      else yield { line, pair: { source: pair.source, target: pair.target } };
    }
  } finally {
    sources.return();
    targets.return();
  }
}

const checkLine = ({ content }: Row): string | BadRow =>
  typeof content === "string" && content.trim() === "" ? empty("a text", "line") : content;

/** Counts the remaining rows, `first` included. */
function countRows(first: IteratorResult<Row, void>, rest: Iterable<Row>): number {
  let count = first.done ? 0 : 1;
  for (const _ of rest) count++;
  return count;
}

function expectSameLength([a, b]: readonly [string, string], sources: number, targets: number): void {
  if (sources !== targets)
    throw new DataError(`${a} and ${b}: expected as many lines in both, got ${sources} and ${targets}.`);
  if (sources === 0) throw emptyFile(`${a} and ${b}`);
}

/** Reads rows in the given format, or in the one that the first row looks like. */
function openFormat(name: string, reading: PairReading, format: PairFormatName | undefined): RowReader {
  let read: RowReader | undefined;
  return (row, line) => {
    if (row.trim() === "") return empty("a pair", "line");
    read ??= pairFormats[format ?? formatOfRow(row)].open(name, reading);
    const pair = read(row, line);
    if (pair === "header" || "reason" in pair) return pair;
    const missing = (["source", "target"] as const).find((side) => pair[side].trim() === "");
    return missing ? empty("a source and a target", missing) : pair;
  };
}

const empty = (expected: string, got: string): BadRow => ({
  reason: "empty",
  message: `expected ${expected}, got an empty ${got}.`,
});

/** Counts a bad row if bad rows are skipped. @throws DataError if not */
function reject(where: string, { reason, message, hint }: BadRow, skipped: Skipped | undefined): void {
  const hints = [hint, "--skip-invalid leaves such rows out and counts them"].filter((text) => text !== undefined);
  if (!skipped) throw new DataError(`${where}: ${message}`, hints.join("; "));
  skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
}

const emptyFile = (name: string): DataError => new DataError(`${name}: expected pairs, got an empty file.`);
