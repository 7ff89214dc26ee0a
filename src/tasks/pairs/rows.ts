import { DataError } from "../../engine/errors.js";
import type { Pair } from "./pairs.js";

/** Reasons to reject a row, in the words of the count of skipped rows. */
export const badRows = {
  empty: "with an empty source or target",
  columns: "with other columns than the first",
  quotes: "with text behind a closing quote",
  json: "without a JSON object of two texts",
  long: "too long",
  encoding: "not in UTF-8",
  nul: "with a NUL byte",
} as const;

/** The reason to reject a row; the message ends an error's sentence: `expected WHAT, got WHAT.` */
export interface BadRow {
  readonly reason: keyof typeof badRows;
  readonly message: string;
  readonly hint?: string;
}

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

/** A row without a text. */
export const emptyRow = (expected: string, got: string): BadRow => ({
  reason: "empty",
  message: `expected ${expected}, got an empty ${got}.`,
});

/** Counts a bad row if bad rows are skipped. @throws DataError if not */
export function rejectRow(where: string, { reason, message, hint }: BadRow, skipped: Skipped | undefined): void {
  const hints = [hint, "skipInvalid leaves such rows out and counts them"].filter((text) => text !== undefined);
  if (!skipped) throw new DataError(`${where}: ${message}`, hints.join("; "));
  skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
}

export const emptyFile = (name: string): DataError => new DataError(`${name}: expected pairs, got an empty file.`);

/** A row of a text file, without its line break. */
export interface Row {
  /** The line in which it begins, from 1. */
  readonly line: number;
  readonly content: string | BadRow;
}

/** The most bytes of a row. */
export const LONGEST_ROW = 100_000;

/** Options of `readRows`. */
export interface RowOptions {
  /** True if a line break inside quotes belongs to the row, as in CSV. @default false */
  readonly quoted?: boolean;
  /** The most bytes of a row. @default 100,000 */
  readonly longest?: number;
  /** True if a NUL byte is an ordinary character. @default false */
  readonly allowsNul?: boolean;
}

const LINE_FEED = 10;
const RETURN = 13;
const QUOTE = 34;
const COMMA = 44;

/**
 * The rows of a UTF-8 text, read in chunks, so that a file may be larger than memory.
 * @param name the file's name in errors
 * @param chunks its bytes; a chunk may be overwritten when the next is asked for
 * @throws DataError if the text is UTF-16, has carriage returns but no line feeds, or ends inside quotes
 */
export function* readRows(
  name: string,
  chunks: Iterable<Uint8Array>,
  { quoted = false, longest = LONGEST_ROW, allowsNul = false }: RowOptions = {},
): Generator<Row, void> {
  const quotes = quoted ? new Quotes() : undefined;
  const row = new RowBytes(longest, allowsNul);
  let line = 1;
  for (const chunk of withoutMark(name, chunks)) {
    for (let from = 0; from < chunk.length; ) {
      const end = quotes ? quotes.findRowEnd(chunk, from) : chunk.indexOf(LINE_FEED, from);
      row.add(chunk.subarray(from, end < 0 ? chunk.length : end));
      if (end < 0) break;
      yield { line, content: row.take() };
      line += 1 + (quotes?.takeLines() ?? 0);
      from = end + 1;
    }
  }
  if (quotes?.openedIn !== undefined)
    throw new DataError(
      `${name}:${line + quotes.openedIn}: expected a closing quote, got the end of the file.`,
      'a cell that begins with " ends with one; inside it, " is written ""',
    );
  if (line === 1 && row.hasReturn)
    throw new DataError(
      `${name}: expected lines that end in a line feed, got carriage returns alone.`,
      "save the file with the line ends of Linux or Windows",
    );
  if (row.size > 0) yield { line, content: row.take() };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of the current row; those beyond the limit are only counted. */
class RowBytes {
  size = 0;
  #last: number | undefined;
  readonly #longest: number;
  readonly #allowsNul: boolean;
  readonly #bytes: Uint8Array;

  constructor(longest: number, allowsNul: boolean) {
    this.#longest = longest;
    this.#allowsNul = allowsNul;
    this.#bytes = new Uint8Array(longest + 1); // with a carriage return
  }

  add(part: Uint8Array): void {
    const room = this.#bytes.length - this.size;
    if (room > 0) this.#bytes.set(part.subarray(0, room), this.size);
    this.size += part.length;
    this.#last = part.at(-1) ?? this.#last;
  }

  /** True if a carriage return is neither the last byte nor followed by a line feed. */
  get hasReturn(): boolean {
    const bytes = this.#bytes.subarray(0, this.size);
    return bytes.some((byte, i) => byte === RETURN && i + 1 < bytes.length && bytes[i + 1] !== LINE_FEED);
  }

  /** The row's text; clears it for the next row. */
  take(): string | BadRow {
    const size = this.#last === RETURN ? this.size - 1 : this.size;
    [this.size, this.#last] = [0, undefined];
    if (size > this.#longest)
      return { reason: "long", message: `expected a row of at most ${this.#longest} bytes, got ${size}.` };
    const bytes = this.#bytes.subarray(0, size);
    if (!this.#allowsNul && bytes.includes(0)) {
      const hint = "a file in UTF-16 must be saved as UTF-8";
      return { reason: "nul", message: "expected text, got a NUL byte.", hint };
    }
    try {
      return decoder.decode(bytes);
    } catch {
      const message = "expected UTF-8 text, got bytes that are none.";
      return { reason: "encoding", message, hint: "save the file as UTF-8" };
    }
  }
}

/** Finds the line breaks outside of CSV's quotes. */
class Quotes {
  #state: "start" | "plain" | "quoted" | "closed" = "start";
  #lines = 0;
  #opened = 0;

  /** The line of the open quote, counted from the row's first; undefined if no quote is open. */
  get openedIn(): number | undefined {
    return this.#state === "quoted" ? this.#opened : undefined;
  }

  findRowEnd(chunk: Uint8Array, from: number): number {
    let state = this.#state;
    let end = -1;
    for (let i = from; i < chunk.length && end < 0; i++) {
      const byte = chunk[i];
      if (byte === LINE_FEED && state !== "quoted") [state, end] = ["start", i];
      else if (state === "quoted") {
        if (byte === LINE_FEED) this.#lines++;
        if (byte === QUOTE) state = "closed";
      } else if (byte === QUOTE && state !== "plain") {
        if (state === "start") this.#opened = this.#lines;
        state = "quoted"; // after "closed" it is the second of a doubled quote
      } else state = byte === COMMA ? "start" : "plain";
    }
    this.#state = state;
    return end;
  }

  /** Line breaks of the row that has just ended. */
  takeLines(): number {
    const lines = this.#lines;
    this.#lines = 0;
    return lines;
  }
}

/** The same bytes without a byte order mark. */
function* withoutMark(name: string, chunks: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  let head: number[] | undefined = [];
  for (const chunk of chunks) {
    const taken = head ? Math.min(3 - head.length, chunk.length) : 0;
    head?.push(...chunk.subarray(0, taken));
    if (head && head.length < 3) continue;
    if (head) yield beginUtf8(name, head);
    head = undefined;
    yield chunk.subarray(taken);
  }
  if (head) yield beginUtf8(name, head);
}

function beginUtf8(name: string, [a, b, c]: readonly number[]): Uint8Array {
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    throw new DataError(`${name}: expected UTF-8 text, got UTF-16.`, "save the file as UTF-8");
  const hasMark = a === 0xef && b === 0xbb && c === 0xbf;
  return Uint8Array.from(hasMark ? [] : [a, b, c].filter((byte) => byte !== undefined));
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
      if (typeof pair.source !== "string") rejectRow(`${names[0]}:${line}`, pair.source, skipped);
      else if (typeof pair.target !== "string") rejectRow(`${names[1]}:${line}`, pair.target, skipped);
      else yield { line, pair: { source: pair.source, target: pair.target } };
    }
  } finally {
    sources.return();
    targets.return();
  }
}

const checkLine = ({ content }: Row): string | BadRow =>
  typeof content === "string" && content.trim() === "" ? emptyRow("a text", "line") : content;

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
