import type { Matrix } from "../../data/matrix.js";
import type { PairPart } from "../../data/pair-split.js";
import { DataError } from "../../errors.js";
import { readNpy } from "../../files/npy.js";
import { readWav } from "../../files/wav.js";
import { readBytes } from "../files.js";
import { logMel } from "./log-mel.js";

/** A file's frames, and what is said in it. */
export interface Recording {
  readonly file: string;
  readonly text: string;
  readonly frames: Matrix;
}

/** Those of each part. */
export interface Recordings extends Readonly<Record<PairPart, readonly Recording[]>> {
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
  if (path === "") throw new DataError(`data: expected the name of a ${kind} file, got an empty one.`);
  const got = frameKindOf(path);
  if (got !== kind)
    throw new DataError(
      `${path}: expected a ${kind} file, got ${got ? `a ${got} file` : "a name that ends otherwise"}.`,
      "all files are of one kind, in training and after it",
    );
  return readers[kind](path, readBytes(path, `a ${kind} file`));
}
