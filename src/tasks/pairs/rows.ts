import { DataError } from "../../engine/errors.js";

/** What may be wrong with a row, as the count of skipped rows says it. */
export const badRows = {
  empty: "with an empty source or target",
  columns: "with other columns than the first",
  quotes: "with text behind a closing quote",
  json: "without a JSON object of two texts",
  long: "too long",
  encoding: "not in UTF-8",
  nul: "with a NUL byte",
} as const;

/** What is wrong with a row: the end of an error's sentence, `expected WHAT, got WHAT.` */
export interface BadRow {
  readonly reason: keyof typeof badRows;
  readonly message: string;
  readonly hint?: string;
}

/** A row of a text file, without its line break. */
export interface Row {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly content: string | BadRow;
}

/** Bytes of a row at most. */
export const LONGEST_ROW = 100_000;
const LINE_FEED = 10;
const RETURN = 13;
const QUOTE = 34;
const COMMA = 44;

/**
 * The rows of a UTF-8 text, read piece by piece, so that a file may be larger than memory.
 * @param name how errors call the file
 * @param chunks its bytes; a chunk may be overwritten once the next is asked for
 * @param quoted whether a line break inside quotes belongs to the row, as in CSV
 * @throws DataError where the text is UTF-16, has no line feeds but carriage returns, or ends inside quotes
 */
export function* readRows(name: string, chunks: Iterable<Uint8Array>, quoted: boolean): Generator<Row, void> {
  const quotes = quoted ? new Quotes() : undefined;
  const row = new RowBytes();
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

/** The bytes of a row as they come in; those beyond the limit are only counted. */
class RowBytes {
  size = 0;
  #last: number | undefined;
  readonly #bytes = new Uint8Array(LONGEST_ROW + 1); // with a carriage return

  add(part: Uint8Array): void {
    const room = this.#bytes.length - this.size;
    if (room > 0) this.#bytes.set(part.subarray(0, room), this.size);
    this.size += part.length;
    this.#last = part.at(-1) ?? this.#last;
  }

  /** Whether it has a carriage return other than at its end or before a line feed. */
  get hasReturn(): boolean {
    const bytes = this.#bytes.subarray(0, this.size);
    return bytes.some((byte, i) => byte === RETURN && i + 1 < bytes.length && bytes[i + 1] !== LINE_FEED);
  }

  /** The row's text; the next row begins. */
  take(): string | BadRow {
    const size = this.#last === RETURN ? this.size - 1 : this.size;
    [this.size, this.#last] = [0, undefined];
    if (size > LONGEST_ROW)
      return { reason: "long", message: `expected a row of at most ${LONGEST_ROW} bytes, got ${size}.` };
    const bytes = this.#bytes.subarray(0, size);
    if (bytes.includes(0)) {
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

/** Follows the quotes of CSV through the bytes of a file, and finds the line breaks outside of them. */
class Quotes {
  #state: "start" | "plain" | "quoted" | "closed" = "start";
  #lines = 0;
  #opened = 0;

  /** The line, from the row's first on, in which a quote was opened that is still open. */
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
        state = "quoted"; // after "closed" it is the second of two that stand for one
      } else state = byte === COMMA ? "start" : "plain";
    }
    this.#state = state;
    return end;
  }

  /** How many line breaks the row had, which has ended. */
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
