import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { OptionError, quote } from "../../engine/errors.js";
import { pairFormatNames } from "./pair-formats.js";
import { type PairShares, usualShares } from "./pairs.js";

/** Options to read and split files of pairs. */
export const PairFileOptions = z.object({
  sourceFile: z.optional(z.string().check(describeOption("data", "Read sources from this file, one per line"))),
  targetFile: z.optional(
    z.string().check(describeOption("data", "Read targets from this file: line n belongs to line n of the sources")),
  ),
  format: z.optional(
    z
      .enum(pairFormatNames)
      .check(
        describeOption(
          "data",
          "Set the file format (book: lines question_answer of fixed width)",
          "by the file name's ending, or the first line",
        ),
      ),
  ),
  sourceColumn: z.optional(
    z
      .string()
      .check(
        describeOption("data", "Read sources from this column, by name or number from 1", "1, in jsonl source or file"),
      ),
  ),
  targetColumn: z.optional(
    z
      .string()
      .check(
        describeOption("data", "Read targets from this column, by name or number from 1", "2, in jsonl target or text"),
      ),
  ),
  header: z.optional(
    z
      .enum(["yes", "no"])
      .check(
        describeOption(
          "data",
          "Treat the first line as column names",
          "yes for csv, or if a column is given by name; otherwise no",
        ),
      ),
  ),
  valid: z.optional(
    z
      .string()
      .check(
        describeOption(
          "data",
          "Validate on this share (0 to below 1), or on a file, or two files SOURCES,TARGETS",
          "0.05, about 2,500 pairs at most",
        ),
      ),
  ),
  test: z.optional(
    z
      .string()
      .check(
        describeOption(
          "data",
          "Test on this share (above 0, below 1), or on a file, or two files SOURCES,TARGETS",
          "0.1, about 5,000 pairs at most",
        ),
      ),
  ),
  groupBy: z.optional(
    z
      .enum(["source", "row"])
      .check(describeOption("data", "Keep pairs with equal sources in the same set, or split row by row", "source")),
  ),
  skipInvalid: z._default(z.boolean().check(describeOption("data", "Leave out invalid rows, and count them")), false),
});
export type PairFileOptions = z.input<typeof PairFileOptions>;

/** One file of pairs, or two parallel files. */
export type PairNames = readonly [file: string] | readonly [source: string, target: string];

/** The file or the two parallel files that pairs are read from. @throws OptionError if the options name neither */
export function mainNames(
  name: string | undefined,
  { sourceFile, targetFile, ...options }: PairFileOptions,
): PairNames {
  const given = [name, sourceFile && "sourceFile", targetFile && "targetFile"].filter((text) => text !== undefined);
  if (name !== undefined && given.length === 1) return [name];
  if (name !== undefined || sourceFile === undefined || targetFile === undefined)
    throw new OptionError(
      `data: expected a file of pairs, or sourceFile and targetFile, got ${given.join(" and ") || "neither"}.`,
    );
  for (const option of oneFileOnly)
    if (options[option] !== undefined)
      throw new OptionError(`${option}: expected one file of pairs, got sourceFile and targetFile.`);
  return [sourceFile, targetFile];
}

const oneFileOnly = ["format", "sourceColumn", "targetColumn", "header"] as const;

type HeldPart = "valid" | "test";

/** The files of a set that has its own, or undefined if it is held out. @throws OptionError */
export function heldNames(part: HeldPart, options: PairFileOptions): PairNames | undefined {
  const given = options[part];
  if (given === undefined) return undefined;
  if (isShare(given)) {
    expectShare(part, Number(given));
    return undefined;
  }
  if (options.sourceFile === undefined) return [given];
  const [a, b, ...more] = given.split(",");
  if (a && b && more.length === 0) return [a, b];
  throw new OptionError(`${part}: expected two files as SOURCES,TARGETS, got ${quote(given)}.`);
}

/** The shares to hold out of `count` pairs. @throws OptionError if they leave nothing to train on */
export function sharesOf(options: PairFileOptions, count: number): PairShares {
  const [valid = 0, test = 0] = (["valid", "test"] as const).map((part) => {
    const { [part]: given } = options;
    if (given === undefined) return usualShares(count)[part];
    return isShare(given) ? Number(given) : 0;
  });
  if (valid + test < 1) return { valid, test };
  throw new OptionError(`valid and test: expected shares below 1 together, got ${valid} and ${test}.`);
}

const isShare = (given: string): boolean => given !== "" && !Number.isNaN(Number(given));

function expectShare(part: HeldPart, share: number): void {
  const isEnough = part === "test" ? share > 0 : share >= 0;
  if (isEnough && share < 1) return;
  const least = part === "test" ? "above" : "of at least";
  throw new OptionError(`${part}: expected a share ${least} 0 and below 1, or a file, got ${share}.`);
}
