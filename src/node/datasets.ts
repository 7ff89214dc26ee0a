import { existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, isAbsolute, join } from "node:path";
import * as z from "zod/mini";
import { keysOf } from "../engine/check-options.js";
import { DataError, nearest, OptionError } from "../engine/errors.js";
import { curricula } from "../tasks/exercises/curricula.js";
import { exercises } from "../tasks/exercises/exercises.js";
import { AdditionOptions, addition } from "../tasks/pairs/addition.js";
import { DatesOptions, dates } from "../tasks/pairs/dates.js";
import { type Shuffle, splitPairs } from "../tasks/pairs/fixed-data.js";
import { readFixedPairs } from "../tasks/pairs/pair-reader.js";
import type { PairData } from "../tasks/pairs/pairs.js";
import { readBytes } from "./files.js";

/** How a task's data are found, made and divided. */
export const DataOptions = z.object({
  digits: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(100),
        z.describe(
          "addition, programs: digits of the numbers, at most 9 (default: 3); copy: at most 100 (default: 10)",
        ),
      ),
  ),
  nesting: z.optional(
    z
      .int()
      .check(z.minimum(1), z.maximum(9), z.describe("programs: operations that stand in one another (default: 1)")),
  ),
  curriculum: z.optional(
    z
      .enum(keysOf(curricula))
      .check(
        z.describe(
          "programs, copy, addition without end: how hard the next is (default: combined; addition has an end)",
        ),
      ),
  ),
  count: z.optional(
    z
      .int()
      .check(
        z.minimum(2),
        z.maximum(5_000_000),
        z.describe(
          "addition, dates: how many questions (default: 50,000, or all there are); spoken-digits: default 10,000",
        ),
      ),
  ),
  split: z.optional(
    z
      .enum(["book", "seeded"])
      .check(
        z.describe(
          "file: hold out the tenth that the book holds out, or one drawn by --seed (default: book for its own files)",
        ),
      ),
  ),
  dataDir: z.optional(z.string().check(z.describe("folder in which data files are looked for"))),
});
export type DataOptions = z.infer<typeof DataOptions>;

/** Data that need no file. */
const generators: Readonly<Record<string, (options: DataOptions, seed: number) => PairData>> = {
  addition: ({ digits, count }, seed) =>
    addition({ seed, ...(digits !== undefined && { digits }), ...(count !== undefined && { count }) }),
  dates({ digits, count }, seed) {
    if (digits !== undefined)
      throw new OptionError("--digits: expected the generator addition, got the generator dates.");
    return dates({ seed, ...(count !== undefined && { count }) });
  },
};

/** The names of all pairs that are made. */
export const generatorNames: readonly string[] = [
  ...new Set([...keysOf(generators), ...keysOf(exercises), "spoken-digits"]),
];

/** The book's files, which are divided as the book does where they have its number of rows. */
const bookFiles = new Set(["addition.txt", "date.txt"]);
const BOOK_ROWS = 50_000;

/** Whether data of this name are made, and need no file. */
export function isGenerator(name: string): boolean {
  return Object.hasOwn(generators, name);
}

/** Loads pairs by a generator's name or a file's. @throws DataError naming file and line, before anything is computed */
export function loadPairs(name: string, options: DataOptions, seed: number): PairData {
  const generator = Object.hasOwn(generators, name) ? generators[name] : undefined;
  if (generator) {
    if (options.split) throw new OptionError(`--split: expected a file, got the generator ${name}.`);
    return generator(options, seed);
  }
  for (const [option, takes] of [
    ["digits", "the generator addition"],
    ["count", "a generator"],
  ] as const)
    if (options[option] !== undefined) throw new OptionError(`--${option}: expected ${takes}, got the file ${name}.`);
  const path = findFile(name, options.dataDir);
  const pairs = readFixedPairs(name, readBytes(path, "a data file"));
  const asBook = bookFiles.has(basename(path)) && pairs.length === BOOK_ROWS;
  const split: Shuffle =
    (options.split ?? (asBook ? "book" : "seeded")) === "book" ? { kind: "book" } : { kind: "seeded", seed };
  return splitPairs(basename(path).replace(/\.[^.]*$/, ""), pairs, split);
}

/** Looks for a file as named, in the folder given, in $SEQLOOM_DATA, and in the user's data folder. */
export function findFile(name: string, dataDir: string | undefined, hint?: string): string {
  if (name === "") throw new DataError("data: expected the name of a file, got an empty one.", hint);
  const places = placesOf(name, dataDir);
  const there = places.filter((place) => existsSync(place));
  const [found] = [...there.filter((place) => !statSync(place).isDirectory()), ...there];
  if (found) return found;
  const near = nearest(name, [...generatorNames, ...bookFiles]);
  throw new DataError(
    `${name}: expected a data file or the name of a generator, got neither; looked for ${places.join(", ")}.`,
    hint ??
      (near && near !== name
        ? `did you mean ${near}?`
        : `name a file of lines question_answer, or one of ${generatorNames.join(", ")}`),
  );
}

/** Where a file of this name may be, in the order of the search. */
export function placesOf(name: string, dataDir: string | undefined): string[] {
  return isAbsolute(name) ? [name] : [name, ...dataFolders(dataDir).map((folder) => join(folder, name))];
}

/** The folders in which data are looked for, in this order. */
export function dataFolders(dataDir: string | undefined): string[] {
  return [dataDir, process.env["SEQLOOM_DATA"], userDataFolder()].filter((folder) => folder !== undefined);
}

/** Where fetched data are kept. */
export function userDataFolder(): string {
  const { platform, env } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "seqloom");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "seqloom");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "seqloom");
}

export { AdditionOptions, DatesOptions };
