import * as z from "zod/mini";
import { checkOptions } from "../../engine/check-options.js";
import { OptionError, quote } from "../../engine/errors.js";
import type { Pair } from "./pairs.js";
import { type BadRow, emptyFile, emptyRow, type PairRow, readRows, rejectRow, type Skipped } from "./rows.js";

/** The columns of source and target. */
export interface PairColumns {
  /** A column's name, or its number from 1; in JSONL a field's name. @default the first column; the field source, or file */
  readonly sourceColumn?: string | undefined;
  /** As `sourceColumn`. @default the second column; the field target, or text */
  readonly targetColumn?: string | undefined;
  /** "yes" if the first line holds the column names. @default "yes" for CSV, and for TSV if an option names a column */
  readonly header?: "yes" | "no" | undefined;
}

/** Reads one row after another. */
export type RowReader = (row: string, line: number) => Pair | BadRow | "header";

interface PairFormat {
  /** True if a cell in quotes may have line breaks. */
  readonly quoted: boolean;
  /** A reader for the rows of one file. */
  open(name: string, columns: PairColumns): RowReader;
}

export const pairFormatNames = ["tsv", "csv", "jsonl", "book"] as const;
export type PairFormatName = (typeof pairFormatNames)[number];

/** The forms of file that pairs are read from. */
export const pairFormats: Readonly<Record<PairFormatName, PairFormat>> = {
  /** Columns separated by tabs; there is no quoting. */
  tsv: { quoted: false, open: (name, columns) => columnReader(name, columns, tabs) },
  /** RFC 4180, with a header line; a line break inside quotes is read as \n. */
  csv: { quoted: true, open: (name, columns) => columnReader(name, columns, commas) },
  /** A JSON object a line, with the texts in two of its fields. */
  jsonl: { quoted: false, open: fieldReader },
  /** Lines `question_answer` of fixed width, as in the book; trailing blanks are removed. */
  book: { quoted: false, open: bookReader },
};

const endings: Readonly<Record<string, PairFormatName>> = {
  ".tsv": "tsv",
  ".csv": "csv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
};

/** The format by the ending of a file's name, or undefined. */
export function formatOfName(name: string): PairFormatName | undefined {
  const ending = /\.[^.]*$/.exec(name.toLowerCase())?.[0] ?? "";
  return Object.hasOwn(endings, ending) ? endings[ending] : undefined;
}

/** The format that a file's first row looks like: `tsv` by a tab, `jsonl` by a brace, or else `book`. */
export function formatOfRow(row: string): PairFormatName {
  return row.includes("\t") ? "tsv" : row.startsWith("{") ? "jsonl" : "book";
}

/** The format and the columns of a file of pairs. */
export interface PairReading extends PairColumns {
  /** @default by the name's ending, or else by the first row */
  readonly format?: PairFormatName | undefined;
}

const Format = z.object({ format: z.optional(z.enum(pairFormatNames)) });

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
    if ("reason" in pair) rejectRow(`${name}:${line}`, pair, skipped);
    else yield { line, pair };
  }
  if (isEmpty) throw emptyFile(name);
}

/** Reads rows in the given format, or in the one that the first row looks like. */
function openFormat(name: string, reading: PairReading, format: PairFormatName | undefined): RowReader {
  let read: RowReader | undefined;
  return (row, line) => {
    if (row.trim() === "") return emptyRow("a pair", "line");
    read ??= pairFormats[format ?? formatOfRow(row)].open(name, reading);
    const pair = read(row, line);
    if (pair === "header" || "reason" in pair) return pair;
    const missing = (["source", "target"] as const).find((side) => pair[side].trim() === "");
    return missing ? emptyRow("a source and a target", missing) : pair;
  };
}

/** A column separator. */
interface Separator {
  readonly plural: string;
  /** "yes" if files have a header by default. */
  readonly header: "yes" | "no";
  split(row: string): string[] | BadRow;
}

const tabs: Separator = { plural: "tabs", header: "no", split: (row) => row.split("\t") };
const commas: Separator = { plural: "commas", header: "yes", split: splitCsv };

function columnReader(
  name: string,
  { sourceColumn = "1", targetColumn = "2", header }: PairColumns,
  separator: Separator,
): RowReader {
  const isNamed = [sourceColumn, targetColumn].some((column) => !isNumber(column));
  const hasHeader = (header ?? (isNamed ? "yes" : separator.header)) === "yes";
  const columnsAre = (message: string): BadRow => ({
    reason: "columns",
    message,
    hint: `columns are separated by ${separator.plural}`,
  });
  let first: { line: number; width: number; source: number; target: number } | undefined;
  return (row, line) => {
    const cells = separator.split(row);
    if (!Array.isArray(cells)) return cells;
    const width = cells.length;
    if (first && width !== first.width)
      return columnsAre(`expected ${first.width} columns, as in line ${first.line}, got ${width}.`);
    if (!first) {
      const names = hasHeader ? cells : undefined;
      const source = findColumn(name, sourceColumn, names);
      const target = findColumn(name, targetColumn, names);
      if (source === target)
        throw new OptionError(`${name}: expected two different columns, got ${quote(sourceColumn)} for both.`);
      const least = Math.max(source, target) + 1;
      if (width < least) return columnsAre(`expected at least ${least} columns, got ${width}.`);
      first = { line, width, source, target };
      if (hasHeader) return "header";
    }
    return { source: cells[first.source] ?? "", target: cells[first.target] ?? "" };
  };
}

const isNumber = (column: string): boolean => /^[1-9]\d{0,4}$/.test(column);

/** The index of a column. A number is a position, even if a column has that name. */
function findColumn(name: string, column: string, names: readonly string[] | undefined): number {
  const place = isNumber(column) ? Number(column) - 1 : (names?.indexOf(column) ?? -1);
  if (place >= 0) return place;
  throw new OptionError(
    names
      ? `${name}: expected a column ${quote(column)}, got ${names.map(quote).join(", ")}.`
      : `${name}: expected the number of a column, as no line names them, got ${quote(column)}.`,
  );
}

/** The cells of a row as in RFC 4180. A quote inside an unquoted cell is an ordinary character. */
function splitCsv(row: string): string[] | BadRow {
  const cell = /"([^"]*(?:""[^"]*)*)"|[^",][^,]*|/y;
  const cells: string[] = [];
  for (;;) {
    const [text = "", quoted] = cell.exec(row) ?? [];
    const end = cell.lastIndex;
    cells.push(quoted === undefined ? text : quoted.replaceAll('""', '"').replaceAll("\r\n", "\n"));
    if (end === row.length) return cells;
    if (row[end] !== ",") {
      const message = `expected a comma or the end of the row behind a closing quote, got ${quote(row.slice(end))}.`;
      return { reason: "quotes", message, hint: 'inside a cell in quotes, " is written ""' };
    }
    cell.lastIndex = end + 1;
  }
}

function fieldReader(name: string, columns: PairColumns): RowReader {
  let [from, to] = [columns.sourceColumn ?? "source", columns.targetColumn ?? "target"];
  if (from === to) throw new OptionError(`${name}: expected two different fields, got ${quote(from)} for both.`);
  return (row) => {
    const value = parseJson(row);
    if (typeof value !== "object" || value === null || Array.isArray(value))
      return { reason: "json", message: `expected a JSON object, got ${quote(row)}.` };
    const fields = new Map<string, unknown>(Object.entries(value));
    if (columns.sourceColumn === undefined) from = ["source", "file"].find((field) => fields.has(field)) ?? from;
    if (columns.targetColumn === undefined) to = ["target", "text"].find((field) => fields.has(field)) ?? to;
    const [source, target] = [fields.get(from), fields.get(to)];
    for (const field of [from, to]) // a row without the usual fields is read as the one before
      if (!fields.has(field))
        return {
          reason: "json",
          message: `expected a field ${quote(field)}, got ${[...fields.keys()].map(quote).join(", ") || "none"}.`,
          hint: "sourceColumn and targetColumn name the fields",
        };
    if (isText(source) && isText(target)) return { source, target };
    const [field, wrong] = isText(source) ? [to, target] : [from, source];
    return { reason: "json", message: `expected text in ${quote(field)}, got ${JSON.stringify(wrong).slice(0, 40)}.` };
  };
}

/** False for JSON strings that are not valid text: those with NUL or a lone surrogate. */
const isText = (value: unknown): value is string => typeof value === "string" && !/\0|\p{Surrogate}/u.test(value);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bookReader(name: string, { sourceColumn, targetColumn, header }: PairColumns): RowReader {
  if (sourceColumn ?? targetColumn ?? header)
    throw new OptionError(`${name}: expected columns, got lines question_answer.`, "`format` names another format");
  const read = openLines();
  return (row, line) => {
    const pair = read(row, line);
    return "reason" in pair ? pair : { source: pair.source.trimEnd(), target: pair.target.slice(1).trimEnd() };
  };
}

/** The character before each answer of the book's form. */
export const START = "_";

const bookForm = "each line is a question, _ and its answer, filled with blanks to the same width: 16+75  _91  ";

export const badLine = (message: string, hint = bookForm): BadRow => ({ reason: "columns", message, hint });

/** Reads lines `question_answer` of equal widths, with all their blanks. */
export function openLines(): (row: string, line: number) => Pair | BadRow {
  let first: { line: number; source: number; target: number } | undefined;
  return (row, line) => {
    const at = row.indexOf(START);
    if (at < 0)
      return badLine(
        `expected "question_answer", got ${quote(row)} without _.`,
        `${bookForm}; \`format\` names another format`,
      );
    const pair = { source: row.slice(0, at), target: row.slice(at) };
    const [source, target] = [[...pair.source].length, [...pair.target].length];
    first ??= { line, source, target };
    if (source === first.source && target === first.target) return pair;
    return badLine(
      `expected a question of ${first.source} characters and an answer of ${first.target}, as in line ${first.line}, got ${source} and ${target}.`,
    );
  };
}
