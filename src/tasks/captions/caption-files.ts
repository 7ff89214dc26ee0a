import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from "node:path";
import { DataError } from "../../engine/errors.js";
import { ChunkedFile } from "../../node/chunked-file.js";
import { findFile } from "../../node/datasets.js";
import { pictureEnding } from "../../node/sharp.js";
import type { PairFileOptions } from "../pairs/pair-file-options.js";
import { openPairs, type PairSource } from "../pairs/pair-files.js";
import { formatOfName } from "../pairs/pair-formats.js";
import type { ListReading } from "../pairs/pair-input.js";
import { describeSkipped, readPairs } from "../pairs/pair-reader.js";
import type { Judge, Pair, SplitName } from "../pairs/pairs.js";
import { type PictureInput, pictureFile } from "./load-pictures.js";

/** What a folder's list of captions is called. */
const lists = ["captions.tsv", "captions.jsonl", "captions.csv"];
const hint = "a line for each caption: the picture's file, a tab, and what is to be seen";

/** Pictures with their captions, in three parts. */
export interface CaptionList {
  readonly name: string;
  /** Rows and pictures that were left out, in words. */
  readonly notes: readonly string[];
  /** Captions, each with the name of its picture: the path of its file, where it has one. */
  pairs(part: SplitName): Iterable<Pair>;
  /** The picture of that name, which may turn out to be broken. */
  picture(name: string): PictureInput;
  /** Whether a caption is true of a picture, where the data know more than their own captions. */
  readonly judge?: Judge;
}

/**
 * Opens a folder of pictures with a list of their captions, or such a list; the pictures of each list are looked for
 * beside it.
 * @throws DataError for a bad row, a caption without a picture or, in a folder that is named, a picture without a
 *   caption, if they are not skipped
 */
export function openCaptions(
  name: string,
  options: PairFileOptions & { dataDir?: string | undefined },
  seed: number,
): CaptionList {
  const path = findFile(name, options.dataDir, "name a folder of pictures, a list of captions, or shapes");
  const isFolder = statSync(path).isDirectory();
  const list = findList(name, path);
  const folder = dirname(list);
  const readingOf = (each: string): ListReading => ({
    ...columnsOf(each, options),
    rename: (file) => nameIn(folder, each, file),
  });
  const source = openPairs(list, { ...options, readingOf }, seed);
  const pathOf = (file: string): string => (isAbsolute(file) ? file : join(folder, file));
  const notes = source.skipped.size > 0 ? [describeSkipped(source.skipped)] : [];

  const named = listNamed(source);
  const missing = new Map([...named].filter(([file]) => !isFile(pathOf(file))));
  const unnamed = isFolder ? picturesIn(folder).filter((file) => !named.has(file)) : [];
  const [first] = missing;
  const [other] = unnamed;
  if (!options.skipInvalid && first !== undefined) {
    const [file, { list: at }] = first;
    throw new DataError(
      `${at}:${lineOf(at, { ...options, ...readingOf(at) }, file)}: expected a picture ${pathOf(file)}, got no such file.`,
      "--skip-invalid leaves such captions out and counts them",
    );
  }
  if (!options.skipInvalid && other !== undefined)
    throw new DataError(
      `${join(folder, other)}: expected a caption in ${basename(list)}, got none.`,
      "--skip-invalid leaves such pictures out and counts them",
    );
  const captions = [...missing.values()].reduce((sum, { count }) => sum + count, 0);
  if (captions > 0) notes.push(`${counted(captions, "caption")} without a picture skipped`);
  if (unnamed.length > 0) notes.push(`${counted(unnamed.length, "picture")} without a caption skipped`);

  return {
    name: isFolder ? basename(folder).replace(/\.[^.]*$/, "") : source.name,
    notes,
    *pairs(part) {
      for (const { source: file, target } of source.pairs(part))
        if (!missing.has(file)) yield { source: pathOf(file), target };
    },
    picture: pictureFile,
  };
}

function findList(name: string, path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const list = lists.map((each) => join(path, each)).find((each) => existsSync(each));
  if (list !== undefined) return list;
  throw new DataError(`${name}: expected one of ${lists.join(", ")} in the folder, got none of them.`, hint);
}

/** Where file and caption stand: as they are called, or in the first two columns. */
function columnsOf(
  list: string,
  { format = formatOfName(list), header, ...columns }: PairFileOptions,
): PairFileOptions {
  if (format === "jsonl")
    return { sourceColumn: columns.sourceColumn ?? "file", targetColumn: columns.targetColumn ?? "caption" };
  const [head] = new ChunkedFile(list, list).chunks();
  const isHeader = /^\uFEFF?file\tcaption\r?\n/i.test(new TextDecoder().decode(head?.subarray(0, 100)));
  return isHeader ? { header: header ?? "yes" } : {};
}

/** A picture's one name, whichever list names it: its way from a folder, or the path of one elsewhere that has a full one. */
function nameIn(folder: string, list: string, file: string): string {
  const path = isAbsolute(file) ? normalize(file) : join(dirname(list), file);
  const name = relative(folder, path);
  return isAbsolute(file) && name.startsWith("..") ? path : name.replaceAll(sep, "/"); // so that all systems divide alike
}

/** The pictures that are named, with the number of their captions and the list that names them first. */
function listNamed(source: PairSource): Map<string, { count: number; list: string }> {
  const named = new Map<string, { count: number; list: string }>();
  for (const part of ["train", "valid", "test"] as const)
    for (const { source: file } of source.pairs(part)) {
      const { count, list } = named.get(file) ?? { count: 0, list: source.file(part).path };
      named.set(file, { count: count + 1, list });
    }
  return named;
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** The names of all pictures in a folder. */
function picturesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && pictureEnding.test(each.name) && !each.name.startsWith("."))
    .map((each) => relative(folder, join(each.parentPath, each.name)).replaceAll(sep, "/"))
    .sort();
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The line of the first caption of a picture. */
function lineOf(list: string, { rename = (each) => each, ...reading }: ListReading, file: string): number {
  for (const { line, pair } of readPairs(list, new ChunkedFile(list, list).chunks(), reading, new Map()))
    if (rename(pair.source) === file) return line;
  return 1;
}
