import { DataError } from "../../engine/errors.js";
import { type Files, findFile, stemOf } from "../files.js";
import type { PairFileOptions } from "../pairs/pair-file-options.js";
import { type ListReading, openPairs, type PairSource } from "../pairs/pair-files.js";
import { formatOfName, readPairs } from "../pairs/pair-formats.js";
import type { Judge, Pair, SplitName } from "../pairs/pairs.js";
import { describeSkipped } from "../pairs/rows.js";
import { type PictureFiles, type PictureInput, pictureFile } from "./load-pictures.js";
import { pictureEnding } from "./picture-format.js";

/** Names under which a folder has its list of captions. */
const lists = ["captions.tsv", "captions.jsonl", "captions.csv"];
const hint = "write a line for each caption: the picture's file, a tab, and the caption";

/** Pictures with their captions, in three sets. */
export interface CaptionList {
  readonly name: string;
  /** Rows and pictures that were left out, in words. */
  readonly skipped: readonly string[];
  /** Captions with the names of their pictures: the paths of their files, if they have any. */
  pairs(part: SplitName): Iterable<Pair>;
  /** The picture of a name, which may turn out to be broken. */
  picture(name: string): PictureInput;
  /** Judges any caption of a picture, if the data know more than their own captions. */
  readonly judge?: Judge;
}

/**
 * Opens a folder of pictures with a list of their captions, or such a list. The pictures of a list are looked for in its
 * folder.
 * @throws DataError for a bad row, a caption without a picture or, in a folder, a picture without a caption, unless they
 *   are skipped
 */
export function openCaptions(
  name: string,
  options: PairFileOptions,
  seed: number,
  ports: PictureFiles & { readonly files: Files },
): CaptionList {
  const { files } = ports;
  const path = findFile(files, name, "name a folder of pictures, a list of captions, or shapes");
  const isFolder = files.kindOf(path) === "folder";
  const list = findList(name, path, files);
  const folder = files.folderOf(list);
  const readingOf = (each: string): ListReading => ({
    ...columnsOf(each, options, files),
    rename: (file) => nameIn(folder, each, file, files),
  });
  const source = openPairs(list, { ...options, readingOf }, seed, files);
  const pathOf = (file: string): string => files.resolve(folder, file);
  const skipped = source.skipped.size > 0 ? [describeSkipped(source.skipped)] : [];

  const named = listNamed(source);
  const missing = new Map([...named].filter(([file]) => files.kindOf(pathOf(file)) !== "file"));
  const unnamed = isFolder ? picturesIn(folder, files).filter((file) => !named.has(file)) : [];
  const [first] = missing;
  const [other] = unnamed;
  if (!options.skipInvalid && first !== undefined) {
    const [file, { list: at }] = first;
    throw new DataError(
      `${at}:${lineOf(at, { ...options, ...readingOf(at) }, file, files)}: expected a picture ${pathOf(file)}, got no such file.`,
      "skipInvalid leaves such captions out and counts them",
    );
  }
  if (!options.skipInvalid && other !== undefined)
    throw new DataError(
      `${files.resolve(folder, other)}: expected a caption in ${files.relative(folder, list)}, got none.`,
      "skipInvalid leaves such pictures out and counts them",
    );
  const captions = [...missing.values()].reduce((sum, { count }) => sum + count, 0);
  if (captions > 0) skipped.push(`${counted(captions, "caption")} without a picture skipped`);
  if (unnamed.length > 0) skipped.push(`${counted(unnamed.length, "picture")} without a caption skipped`);

  return {
    name: isFolder ? stemOf(folder) : source.name,
    skipped,
    *pairs(part) {
      for (const { source: file, target } of source.pairs(part))
        if (!missing.has(file)) yield { source: pathOf(file), target };
    },
    picture: (file) => pictureFile(file, ports),
  };
}

function findList(name: string, path: string, files: Files): string {
  if (files.kindOf(path) !== "folder") return path;
  const paths = lists.map((each) => files.resolve(path, each));
  const list = paths.find((each) => files.kindOf(each) !== undefined);
  if (list !== undefined) return list;
  throw new DataError(`${name}: expected one of ${lists.join(", ")} in the folder, got none of them.`, hint);
}

/** The columns of file and caption: as their names say, or the first two. */
function columnsOf(
  list: string,
  { format = formatOfName(list), header, ...columns }: PairFileOptions,
  files: Files,
): PairFileOptions {
  if (format === "jsonl")
    return { sourceColumn: columns.sourceColumn ?? "file", targetColumn: columns.targetColumn ?? "caption" };
  const [head] = files.open(list, list).chunks();
  const isHeader = /^\uFEFF?file\tcaption\r?\n/i.test(new TextDecoder().decode(head?.subarray(0, 100)));
  return isHeader ? { header: header ?? "yes" } : {};
}

/** A picture's one name, whichever list names it: its way from a folder, or the path of one elsewhere with an absolute path. */
function nameIn(folder: string, list: string, file: string, files: Files): string {
  const name = files.relative(folder, files.resolve(files.folderOf(list), file));
  return files.isAbsolute(file) && name.startsWith("..") ? files.resolve("", file) : name;
}

/** The pictures in the lists, with the number of their captions and the first list that names them. */
function listNamed(source: PairSource): Map<string, { count: number; list: string }> {
  const named = new Map<string, { count: number; list: string }>();
  for (const part of ["train", "valid", "test"] as const)
    for (const { source: file } of source.pairs(part)) {
      const { count, list } = named.get(file) ?? { count: 0, list: source.file(part).path };
      named.set(file, { count: count + 1, list });
    }
  return named;
}

/** The names of all pictures in a folder. */
function picturesIn(folder: string, files: Files): string[] {
  const isPicture = (name: string): boolean => pictureEnding.test(name) && !/(^|\/)\.[^/]*$/.test(name);
  return files.list(folder).filter(isPicture).sort();
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** The line of the first caption of a picture. */
function lineOf(
  list: string,
  { rename = (each) => each, ...reading }: ListReading,
  file: string,
  files: Files,
): number {
  for (const { line, pair } of readPairs(list, files.open(list, list).chunks(), reading, new Map()))
    if (rename(pair.source) === file) return line;
  return 1;
}
