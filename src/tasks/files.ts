import { DataError, nearest } from "../engine/errors.js";

/** A file that is read several times and must not change in between. */
export interface DataFile {
  /** The name that errors use. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** All bytes from the start, in chunks; a chunk is overwritten when the next is asked for. @throws DataError if the file has changed */
  chunks(): Iterable<Uint8Array>;
  /** The bytes from `from` up to, but not including, `to`. */
  range(from: number, to: number): Uint8Array;
}

/**
 * The files that a task may read: on disk in Node, dropped into a page, or in a Map in a test. Reading is synchronous,
 * because tokenizers pull their text.
 */
export interface Files {
  /** The paths at which a file of this name is looked for, in the order of the search. */
  candidates(name: string): readonly string[];
  /** The kind of entry at a path, or undefined if there is none. */
  kindOf(path: string): "file" | "folder" | "other" | undefined;
  /** A file's bytes. @param expected the kind of file, for the error @throws DataError if it is missing or unreadable */
  read(path: string, expected: string): Uint8Array;
  /** Opens a file for repeated reading. @throws DataError if it is not a regular file */
  open(name: string, path: string): DataFile;
  /** The names of all files below a folder, relative to it, with `/` between folders. */
  list(folder: string): string[];
  /** The path of `name` as seen from `folder`; `name` itself if it is absolute. */
  resolve(folder: string, name: string): string;
  /** The folder that holds a path. */
  folderOf(path: string): string;
  /** A digest of bytes, in hexadecimal; SHA-256 in Node. */
  digest(chunks: Iterable<Uint8Array>): string;
}

/** The path of a data file. @param known other names that are accepted, for the hint @throws DataError if there is none */
export function findFile(files: Files, name: string, known: readonly string[] = [], hint?: string): string {
  if (name === "") throw new DataError("data: expected a file name, got an empty one.", hint);
  const paths = files.candidates(name);
  const found = paths.filter((path) => files.kindOf(path) !== undefined);
  const [best] = [...found.filter((path) => files.kindOf(path) !== "folder"), ...found];
  if (best !== undefined) return best;
  const near = nearest(name, known);
  throw new DataError(
    `${name}: expected a data file or a data set's name, found neither; looked for ${paths.join(", ")}.`,
    hint ??
      (near && near !== name ? `did you mean ${near}?` : `give a file of two columns, or one of ${known.join(", ")}`),
  );
}
