import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { DataError, SeqloomError, showName } from "../engine/errors.js";
import type { Storage } from "../run/storage.js";

/** Reads a whole file. @throws DataError if it is missing or cannot be read */
export function readBytes(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DataError(`${showName(path)}: expected ${what}, got ${reason(cause)}.`);
  }
}

/**
 * Replaces a file atomically: the bytes go to a temporary file beside it, which is synced and renamed.
 * @throws SeqloomError if the disk is full or not writable; the old file is then kept
 */
export function writeWhole(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  beside(path, `to write ${bytes.length} bytes`, (temporary) => {
    const file = openSync(temporary, "w");
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  });
}

/** Creates a folder and its parents if they are missing. @throws SeqloomError if that fails */
export function makeFolder(path: string, hint = elsewhere): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw new SeqloomError(`${path}: expected a folder, got ${reason(cause)}.`, hint);
  }
}

const elsewhere = "nothing was written: choose another path";

/**
 * Checks before long work that `writeWhole` can write a file, and removes temporary files of killed processes.
 * @throws SeqloomError as `writeWhole` does
 */
export function expectWritable(path: string, hint = elsewhere): void {
  const tryIt = (temporary: string): void => {
    closeSync(openSync(temporary, "w"));
    const [folder, start] = [dirname(path), `.${basename(path)}.`];
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(start)) continue;
      const [, id] = /^(\d+)\.new$/.exec(name.slice(start.length)) ?? [];
      if (id !== undefined && !isRunning(Number(id))) rmSync(join(folder, name), { force: true });
    }
  };
  beside(path, "a writable file", tryIt, hint);
}

/** True if a process of this id is running, even another user's. */
function isRunning(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch (cause) {
    return !(cause instanceof Error && "code" in cause && cause.code === "ESRCH");
  }
}

/** Runs work with a temporary file beside `path`, and removes the file. */
function beside(path: string, expected: string, work: (temporary: string) => void, hint = elsewhere): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.new`);
  try {
    const there = statSync(path, { throwIfNoEntry: false });
    if (there && !there.isFile()) throw new Error(there.isDirectory() ? "a folder" : "a device");
    try {
      work(temporary);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (cause) {
    throw new SeqloomError(`${path}: expected ${expected}, got ${reason(cause)}.`, hint);
  }
}

/** Storage in a folder, with atomic writes. @param folder @default the current one */
export function folderStorage(folder = "."): Storage {
  const pathOf = (name: string): string => (folder === "." || isAbsolute(name) ? name : join(folder, name));
  return {
    read: async (name) => (existsSync(pathOf(name)) ? readBytes(pathOf(name), "a file") : undefined),
    write: async (name, bytes) => writeWhole(pathOf(name), bytes),
    remove: async (name) => rmSync(pathOf(name), { force: true }),
    sha256(parts) {
      const hash = createHash("sha256");
      for (const part of parts) hash.update(part);
      return hash.digest("hex");
    },
  };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EISDIR: "a folder",
  EEXIST: "a file of that name",
  ENOTDIR: "a path through a file",
  ENOSPC: "a full disk",
  EROFS: "a read-only disk",
  EFBIG: "a file too large for the system",
  ENAMETOOLONG: "a name too long for the disk",
  ERR_INVALID_ARG_VALUE: "a name with a NUL character",
};

/** The reason for a system error, in words. */
export function reason(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return reasons[code] ?? cause.message;
}
