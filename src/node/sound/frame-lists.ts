import { dirname, isAbsolute, join } from "node:path";
import type { PairPart } from "../../data/pair-split.js";
import { DataError } from "../../errors.js";
import type { PairSource } from "../pair-files.js";
import { type FrameKind, frameKindOf, type Recording, type Recordings, readFrames } from "./recordings.js";

/** The kind of files that a list names, by its first; undefined where its sources are no names of such files. */
export function kindOfList(list: PairSource): FrameKind | undefined {
  for (const { source } of list.pairs("train")) return frameKindOf(source);
  return undefined;
}

/**
 * Reads the files that a list names, each from the folder of its list.
 * @param skipBad leave out and count those that cannot be read
 * @throws DataError naming the first that cannot be read, or has frames of another width than the first
 */
export async function readList(list: PairSource, kind: FrameKind, skipBad: boolean): Promise<Recordings> {
  const bad: DataError[] = [];
  let width: number | undefined;
  const read = (file: string, text: string): Recording => {
    const frames = readFrames(file, kind);
    width ??= frames.width;
    if (frames.width === width) return { file, text, frames };
    throw new DataError(
      `${file}: expected frames of ${width} numbers, as in the first file, got frames of ${frames.width}.`,
      "all files of a list are of one width",
    );
  };
  const readPart = (part: PairPart): Recording[] =>
    Array.from(list.pairs(part)).flatMap(({ source, target }) => {
      try {
        return read(isAbsolute(source) ? source : join(dirname(list.file(part)), source), target);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        if (!skipBad) throw new DataError(error.message, `${error.hint ?? ""}; --skip-bad leaves such files out`);
        bad.push(error);
        return [];
      }
    });
  const parts = { train: readPart("train"), valid: readPart("valid"), test: readPart("test") };
  const [first] = bad;
  const many = bad.length === 1 ? "1 file" : `${bad.length} files`;
  return { ...parts, notes: first ? [`${many} left out, the first because: ${first.message}`] : [] };
}
