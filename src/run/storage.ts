import { DataError } from "../engine/errors.js";
import type { sha256 } from "../engine/sha256.js";

/** A place for the files of a run: a folder, a browser's database, memory. A run reads and writes nothing else. */
export interface Storage {
  /** Reads a whole file; undefined where there is no file of this name. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Replaces a file whole or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Removes a file if it exists. */
  remove(name: string): Promise<void>;
  /** SHA-256 in hexadecimal, where the runtime has a fast one. @default one in JavaScript, 90 MB a second */
  readonly sha256?: typeof sha256;
}

/** Storage in memory, for tests and for runs that nobody resumes. */
export function memoryStorage(files = new Map<string, Uint8Array>()): Storage {
  return {
    read: async (name) => files.get(name),
    async write(name, bytes) {
      files.set(name, bytes);
    },
    async remove(name) {
      files.delete(name);
    },
  };
}

/** The files of a run, by their names in a storage. */
export interface RunFiles {
  readonly storage: Storage;
  /** The checkpoint that `resume` continues from. @default none is saved */
  readonly checkpoint?: string | undefined;
  /** The model file. @default none is saved */
  readonly out?: string | undefined;
}

/** The hint where a run cannot be resumed. */
export const restart = "start the training from the beginning";

/** Reads a file of a run. @param what the file, for the error @throws DataError where there is none */
export async function expectFile({ storage }: RunFiles, name: string, what: string): Promise<Uint8Array> {
  const bytes = await storage.read(name);
  if (bytes) return bytes;
  throw new DataError(`${name}: expected ${what}, got no such file.`, restart);
}
