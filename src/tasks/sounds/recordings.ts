import { DataError, showName } from "../../engine/errors.js";
import type { Matrix } from "../../files/dtypes.js";
import { readNpy } from "../../files/npy.js";
import { conversionCommand, readWav } from "../../files/wav.js";
import { type Files, type FrameKind, frameKindOf } from "../files.js";
import type { PairSource } from "../pairs/pair-files.js";
import type { SplitName } from "../pairs/pairs.js";
import { logMel } from "./log-mel.js";

/** The frames of a file, and its transcript or label. */
export interface Recording {
  readonly file: string;
  readonly text: string;
  readonly frames: Matrix;
}

/** The recordings of each set. */
export interface Recordings extends Readonly<Record<SplitName, readonly Recording[]>> {
  /** Number of files that were left out, and why the first was. */
  readonly skipped?: string | undefined;
}

/** Readers of files, by the ending of their names. */
const readers: Readonly<Record<FrameKind, (name: string, bytes: Uint8Array) => Matrix>> = {
  ".wav": (name, bytes) => logMel(name, readWav(name, bytes)),
  ".npy": readNpy,
};

/** Reads a file as frames; those of a sound are log-mel. @throws DataError if it is missing, damaged, or of another kind */
export function readFrames(path: string, kind: FrameKind, files: Files): Matrix {
  if (path === "") throw new DataError(`expected the name of a ${kind} file, got an empty one.`);
  const name = showName(path);
  if (frameKindOf(path) === kind) return readers[kind](name, files.read(path, `a ${kind} file`));
  const [got, hint] = describeOther(path, kind, files);
  throw new DataError(`${name}: expected a ${kind} file, got ${got}.`, hint);
}

/** The kind of entry at a path with another ending, and a hint. */
function describeOther(path: string, kind: FrameKind, files: Files): [got: string, hint: string] {
  const other = frameKindOf(path);
  const oneKind = "all files are of one kind, in training and after it";
  if (other) return [`a ${other} file`, oneKind];
  const otherwise = "a name that ends otherwise";
  if (/\p{Cc}|\uFFFD/u.test(path)) return [otherwise, "name the file as an argument"]; // the contents of a file rather than its name
  const entry = files.kindOf(path);
  if (entry === "folder") return ["a folder", "name the files in it"];
  return [otherwise, entry !== undefined && kind === ".wav" ? conversionCommand(path) : oneKind];
}

const headerHint = "`header` yes says that the first line names the columns";

/**
 * Reads the files that a list names, each from the folder of its list.
 * @param skipInvalid leaves out and counts files that cannot be read
 * @throws DataError with the line of the first file that cannot be read or has frames of another width
 */
export function readList(list: PairSource, kind: FrameKind, skipInvalid: boolean, files: Files): Recordings {
  const bad: DataError[] = [];
  let width: number | undefined;
  const read = (file: string, text: string): Recording => {
    const frames = readFrames(file, kind, files);
    width ??= frames.width;
    if (frames.width === width) return { file, text, frames };
    throw new DataError(
      `${file}: expected frames of ${width} numbers, as in the first file, got frames of ${frames.width}.`,
      "all files of a list are of one width",
    );
  };
  const readPart = (part: SplitName): Recording[] => {
    const { name, path } = list.file(part);
    return Array.from(list.rows(part)).flatMap(({ line, pair: { source, target } }) => {
      try {
        return read(files.resolve(files.folderOf(path), source), target);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        const isHead = line === 1 && !source.includes(".");
        const hints = [isHead ? headerHint : error.hint, "skipInvalid leaves such files out"];
        const named = new DataError(
          `${name}:${line}: ${error.message}`,
          hints.filter((hint) => hint !== undefined).join("; "),
        );
        if (!skipInvalid) throw named;
        bad.push(named);
        return [];
      }
    });
  };
  const parts = { train: readPart("train"), valid: readPart("valid"), test: readPart("test") };
  const [first] = bad;
  const many = bad.length === 1 ? "1 file" : `${bad.length} files`;
  return { ...parts, skipped: first && `${many} left out, the first because: ${first.message}` };
}
