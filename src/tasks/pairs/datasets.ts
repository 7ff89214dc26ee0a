import * as z from "zod/mini";
import { describeOption, keysOf } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { type Files, findFile, stemOf } from "../files.js";
import type { PairData } from "./pairs.js";

/** Rules for the difficulty of the next exercise, see tasks/exercises. */
export const curriculumNames = ["none", "naive", "mixed", "combined"] as const;
export type CurriculumName = (typeof curriculumNames)[number];
/** The name of the generated recordings, see tasks/sounds. */
export const SPOKEN = "spoken-digits";

/** Options to find, generate and split the data of a task. */
export const DataOptions = z.object({
  digits: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(100),
        describeOption(
          "data",
          "Addition, programs: draw numbers of up to this many digits (at most 9); copy: texts of this many digits",
          "3, for copy 10",
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
          "combined, for addition a finite set",
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
          "50,000 or all there are, for spoken digits 10,000",
        ),
      ),
  ),
  split: z.optional(
    z
      .enum(["book", "seeded"])
      .check(
        describeOption(
          "data",
          "File of fixed width: test on the tenth that Deep Learning from Scratch 2 tests on, or on a random tenth",
          "book for the book's files",
        ),
      ),
  ),
  dataDir: z.optional(z.string().check(describeOption("data", "Search this folder for data files"))),
});
export type DataOptions = z.infer<typeof DataOptions>;

/** A generated data set. */
interface Dataset {
  /** Endless exercises of tasks/exercises; if there is a finite set too, `curriculum` asks for the endless ones. */
  readonly endless?: true;
  /** A finite set of pairs. */
  readonly pairs?: FinitePairs;
}

interface FinitePairs {
  /** Options that apply to it; the others are refused. */
  readonly takes: readonly ("digits" | "count")[];
  /** Generates the pairs. The generator is imported here, so that only a run that asks for it loads it. */
  load(options: DataOptions, seed: number): Promise<PairData>;
}

/**
 * The generated data sets. A new one of pairs takes two steps: a file in this folder with a function that returns
 * `PairData`, as in dates.ts, and an entry here that names the options it takes and imports it. An option of its own is
 * declared in `DataOptions`. The commands, their help and the suggestions for a mistyped name read this table.
 */
const datasets = {
  addition: {
    endless: true,
    pairs: {
      takes: ["digits", "count"],
      async load({ digits, count }, seed) {
        const { addition } = await import("./addition.js");
        return addition({ seed, ...(digits !== undefined && { digits }), ...(count !== undefined && { count }) });
      },
    },
  },
  dates: {
    pairs: {
      takes: ["count"],
      async load({ count }, seed) {
        const { dates } = await import("./dates.js");
        return dates({ seed, ...(count !== undefined && { count }) });
      },
    },
  },
  programs: { endless: true },
  copy: { endless: true },
  "copy-doubled": { endless: true },
  "copy-reversed": { endless: true },
  [SPOKEN]: {},
} as const satisfies Readonly<Record<string, Dataset>>;

type DatasetName = keyof typeof datasets;

/** The names of the endless exercises. */
export type ExerciseName = {
  [Name in DatasetName]: (typeof datasets)[Name] extends { endless: true } ? Name : never;
}[DatasetName];

/** The names of all generated data sets. */
export const generatorNames: readonly string[] = keysOf(datasets);

/** The book's files, which are divided as the book does if they have its number of rows. */
const bookFiles = new Set(["addition.txt", "date.txt"]);
const BOOK_ROWS = 50_000;

/** Names to suggest for a mistyped one. */
export const knownNames: readonly string[] = [...generatorNames, ...bookFiles];

function find(name: string): Dataset {
  return new Map<string, Dataset>(Object.entries(datasets)).get(name) ?? {};
}

/** True for a name of endless exercises. Addition without a curriculum is a finite set. */
export function isExercise(name: string | undefined, { curriculum }: DataOptions): name is ExerciseName {
  const { endless, pairs } = find(name ?? "");
  return endless === true && (!pairs || curriculum !== undefined);
}

/** True for a name of a finite set of generated pairs. */
export function isGenerator(name: string): boolean {
  return find(name).pairs !== undefined;
}

/**
 * Loads a finite set of generated pairs, or a file of lines `question_answer` of fixed width.
 * @throws DataError naming file and line, before anything is computed
 * @throws OptionError for an option that does not apply to the data
 */
export async function loadPairs(name: string, options: DataOptions, seed: number, files: Files): Promise<PairData> {
  const { pairs } = find(name);
  for (const option of ["split", "digits", "count"] as const) {
    const isTaken = option === "split" ? !pairs : pairs?.takes.includes(option);
    if (isTaken || options[option] === undefined) continue;
    const got = pairs ? `the generator ${name}` : `the file ${name}`;
    throw new OptionError(`${option}: expected ${expectedFor(option)}, got ${got}.`);
  }
  if (pairs) return pairs.load(options, seed);
  const { readFixedPairs, splitPairs } = await import("./fixed-data.js");
  const path = findFile(files, name, undefined, knownNames);
  const rows = readFixedPairs(name, files.read(path, "a data file"));
  const asBook = bookFiles.has(path.replace(/^.*[/\\]/, "")) && rows.length === BOOK_ROWS;
  const { split = asBook ? "book" : "seeded" } = options;
  return splitPairs(stemOf(path), rows, split === "book" ? { kind: "book" } : { kind: "seeded", seed });
}

/** The data that an option applies to, in words. */
function expectedFor(option: "split" | "digits" | "count"): string {
  if (option === "split") return "a file";
  const finite = generatorNames.filter(isGenerator);
  const takers = finite.filter((name) => find(name).pairs?.takes.includes(option));
  return takers.length === finite.length ? "a generator" : `the generator ${takers.join(" or ")}`;
}
