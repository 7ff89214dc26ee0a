import { dirname, isAbsolute, join } from "node:path";
import { DataError } from "../../engine/errors.js";
import type { PairSource } from "../pairs/pair-files.js";
import type { SplitName } from "../pairs/pairs.js";
import { type FrameKind, frameKindOf, type Recording, type Recordings, readFrames } from "./recordings.js";

/** Rows that tell what a list names: more than one, as the first may be a head. */
const TELLING = 100;

/** The kind of files that most of a list's first rows name; undefined where they are no names of such files. */
export function kindOfList(list: PairSource): FrameKind | undefined {
  const found: Record<FrameKind, number> = { ".wav": 0, ".npy": 0 };
  let count = 0;
  for (const { source } of list.pairs("train")) {
    const kind = frameKindOf(source);
    if (kind) found[kind]++;
    if (++count === TELLING) break;
  }
  if (2 * (found[".wav"] + found[".npy"]) <= count) return undefined;
  return found[".wav"] >= found[".npy"] ? ".wav" : ".npy";
}

const headed = "--header yes says that the first line names the columns";

/**
 * Reads the files that a list names, each from the folder of its list.
 * @param skipInvalid leave out and count those that cannot be read
 * @throws DataError naming the line of the first that cannot be read, or has frames of another width than the first
 */
export async function readList(list: PairSource, kind: FrameKind, skipInvalid: boolean): Promise<Recordings> {
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
  const readPart = (part: SplitName): Recording[] => {
    const { name, path } = list.file(part);
    return Array.from(list.rows(part)).flatMap(({ line, pair: { source, target } }) => {
      try {
        return read(isAbsolute(source) ? source : join(dirname(path), source), target);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        const isHead = line === 1 && !source.includes(".");
        const hints = [isHead ? headed : error.hint, "--skip-invalid leaves such files out"];
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
  return { ...parts, notes: first ? [`${many} left out, the first because: ${first.message}`] : [] };
}
