import * as z from "zod/mini";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { type Files, findFile, stemOf } from "../files.js";
import { addition } from "./addition.js";
import { dates } from "./dates.js";
import { readFixedPairs, type Shuffle, splitPairs } from "./fixed-data.js";
import type { PairData } from "./pairs.js";

/** Exercises without end, which tasks/exercises makes. */
export const exerciseNames = ["programs", "addition", "copy", "copy-doubled", "copy-reversed"] as const;
export type ExerciseName = (typeof exerciseNames)[number];
/** Rules for the difficulty of the next exercise, see tasks/exercises. */
export const curriculumNames = ["none", "naive", "mixed", "combined"] as const;
export type CurriculumName = (typeof curriculumNames)[number];
/** The generator of spoken digits, see tasks/sounds. */
export const SPOKEN = "spoken-digits";

/** How a task's data are found, made and divided. */
export const DataOptions = z.object({
  digits: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(100),
        describeOption(
          "data",
          "Addition, programs: set the digits of the numbers, at most 9; copy: of the text",
          "3; copy: 10",
        ),
      ),
  ),
  nesting: z.optional(
    z.int().check(z.minimum(1), z.maximum(9), describeOption("data", "Programs: nest this many operations", "1")),
  ),
  curriculum: z.optional(
    z
      .enum(curriculumNames)
      .check(
        describeOption(
          "data",
          "Programs, copy, addition: choose the curriculum of an endless stream of exercises",
          "combined; addition: a finite set",
        ),
      ),
  ),
  count: z.optional(
    z
      .int()
      .check(
        z.minimum(2),
        z.maximum(5_000_000),
        describeOption(
          "data",
          "Addition, dates, spoken digits: generate this many examples",
          "50,000, or all there are; spoken digits: 10,000",
        ),
      ),
  ),
  split: z.optional(
    z
      .enum(["book", "seeded"])
      .check(
        describeOption(
          "data",
          "File: hold out the tenth that the book holds out, or a random tenth by the seed",
          "book for the book's files",
        ),
      ),
  ),
  dataDir: z.optional(z.string().check(describeOption("data", "Search this folder for data files"))),
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
export const generatorNames: readonly string[] = [...new Set([...keysOf(generators), ...exerciseNames, SPOKEN])];

/** The book's files, which are divided as the book does where they have its number of rows. */
const bookFiles = new Set(["addition.txt", "date.txt"]);
const BOOK_ROWS = 50_000;

/** Names that a mistyped one may have meant. */
export const knownNames: readonly string[] = [...generatorNames, ...bookFiles];

/** Whether data of this name are exercises without end; addition is where a curriculum is named. */
export function isExercise(name: string | undefined, { curriculum }: DataOptions): name is ExerciseName {
  return exerciseNames.some((each) => each === name) && (name !== "addition" || curriculum !== undefined);
}

/** Whether data of this name are made, and need no file. */
export function isGenerator(name: string): boolean {
  return Object.hasOwn(generators, name);
}

/** Loads pairs by a generator's name or a file's. @throws DataError naming file and line, before anything is computed */
export function loadPairs(name: string, options: DataOptions, seed: number, files: Files): PairData {
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
  const path = findFile(files, name, undefined, knownNames);
  const pairs = readFixedPairs(name, files.read(path, "a data file"));
  const asBook = bookFiles.has(path.replace(/^.*[/\\]/, "")) && pairs.length === BOOK_ROWS;
  const split: Shuffle =
    (options.split ?? (asBook ? "book" : "seeded")) === "book" ? { kind: "book" } : { kind: "seeded", seed };
  return splitPairs(stemOf(path), pairs, split);
}
