import { existsSync, statSync } from "node:fs";
import { DataError } from "../../engine/errors.js";
import type { Matrix } from "../../files/dtypes.js";
import { readNpy } from "../../files/npy.js";
import { conversionCommand, readWav } from "../../files/wav.js";
import { readBytes } from "../../node/files.js";
import { showName } from "../../text/quote.js";
import type { SplitName } from "../pairs/pairs.js";
import { logMel } from "./log-mel.js";

/** A file's frames, and what is said in it. */
export interface Recording {
  readonly file: string;
  readonly text: string;
  readonly frames: Matrix;
}

/** Those of each part. */
export interface Recordings extends Readonly<Record<SplitName, readonly Recording[]>> {
  /** What there is to say of how they were read. */
  readonly notes?: readonly string[];
}

/** Kinds of files that become frames, by the ending of their names. */
const readers: Readonly<Record<FrameKind, (name: string, bytes: Uint8Array) => Matrix>> = {
  ".wav": (name, bytes) => logMel(name, readWav(name, bytes)),
  ".npy": readNpy,
};

export type FrameKind = ".wav" | ".npy";

/** The kind of a file by its name, or undefined where it is none that becomes frames. */
export function frameKindOf(name: string): FrameKind | undefined {
  const lower = name.toLowerCase();
  return ([".wav", ".npy"] as const).find((ending) => lower.endsWith(ending));
}

/** Reads a file as frames: a sound's are log-mel. @throws DataError where it is missing, damaged, or no file of that kind */
export function readFrames(path: string, kind: FrameKind): Matrix {
  if (path === "") throw new DataError(`expected the name of a ${kind} file, got an empty one.`);
  const name = showName(path);
  if (frameKindOf(path) === kind) return readers[kind](name, readBytes(path, `a ${kind} file`));
  const [got, hint] = describeOther(path, kind);
  throw new DataError(`${name}: expected a ${kind} file, got ${got}.`, hint);
}

/** What a path is that does not end as it should, and what to do about it. */
function describeOther(path: string, kind: FrameKind): [got: string, hint: string] {
  const other = frameKindOf(path);
  const oneKind = "all files are of one kind, in training and after it";
  if (other) return [`a ${other} file`, oneKind];
  const otherwise = "a name that ends otherwise";
  if (/\p{Cc}|\uFFFD/u.test(path)) return [otherwise, "name the file as an argument"]; // no name, but what is in a file
  const isThere = existsSync(path);
  if (isThere && statSync(path).isDirectory()) return ["a folder", "name the files in it"];
  return [otherwise, isThere && kind === ".wav" ? conversionCommand(path) : oneKind];
}
