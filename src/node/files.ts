import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Backend } from "../backend/backend.js";
import { DataError, SeqloomError } from "../errors.js";
import { readModel, restoreModel, type SavedModel, writeModel } from "../files/model-file.js";

/** Reads a file whole. @throws DataError where it is missing or cannot be read */
export function readBytes(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError(`${path}: expected ${what}, got ${reason(cause)}.`);
  }
}

/**
 * Replaces a file whole or not at all: the bytes go to a temporary file beside it, which is synced and renamed.
 * @throws SeqloomError where the disk is full or may not be written; the earlier file is then still there
 */
export function writeWhole(path: string, bytes: Uint8Array | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    const file = openSync(temporary, "w");
    try {
      const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
      for (let at = 0; at < all.length; ) at += writeSync(file, all, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw new SeqloomError(
      `${path}: expected to write ${bytes.length} bytes, got ${reason(cause)}.`,
      "an earlier file of this name is still whole; choose another place with --out",
    );
  }
}

/** Writes a model file. */
export function saveModel(path: string, saved: SavedModel): void {
  writeWhole(path, writeModel(saved));
}

/** Reads a model file and makes its model. */
export function loadModel(path: string, backend: Backend): SavedModel {
  return restoreModel(backend, readModel(path, readBytes(path, "a model file")));
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EISDIR: "a folder",
  ENOTDIR: "a path through a file",
  ENOSPC: "a full disk",
  EROFS: "a read-only disk",
  EFBIG: "a file too large for the system",
};

function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return reasons[code] ?? cause.message;
}
