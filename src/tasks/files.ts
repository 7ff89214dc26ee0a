import { DataError, nearest } from "../engine/errors.js";
import { sha256 } from "../engine/sha256.js";

/** A file that is read several times and must not change in between. */
export interface DataFile {
  /** The name that errors use. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** All bytes from the start, in chunks; a chunk is overwritten when the next is asked for. @throws DataError if the file has changed */
  chunks(): Iterable<Uint8Array>;
  /** The bytes from `from` up to, but not including, `to`; fewer if the file has become shorter. */
  range(from: number, to: number): Uint8Array;
}

/**
 * The files that a task may read: on disk in Node, dropped into a page, or in a Map in a test. Reading is synchronous,
 * because tokenizers pull their text.
 */
export interface Files {
  /** The folders that are searched for a file that is not found under its own name; the last is the user's own. */
  readonly folders: readonly string[];
  /** The kind of entry at a path, or undefined if there is none. */
  kindOf(path: string): "file" | "folder" | "other" | undefined;
  /** A file's bytes. @param expected the kind of file, for the error @throws DataError if it is missing or unreadable */
  read(path: string, expected: string): Uint8Array;
  /** Opens a file for repeated reading. @throws DataError if it is not a regular file */
  open(name: string, path: string): DataFile;
  /** The names of all files below a folder, relative to it, with `/` between folders. */
  list(folder: string): string[];
  /** True for a path that starts at the root. */
  isAbsolute(name: string): boolean;
  /** The path of `name` as seen from `folder`; `name` itself if it is absolute. */
  resolve(folder: string, name: string): string;
  /** The path as seen from a folder; it begins with `..` if it lies outside the folder. */
  relative(folder: string, path: string): string;
  /** The folder that holds a path. */
  folderOf(path: string): string;
  /** SHA-256 of bytes, in hexadecimal. */
  digest(chunks: Iterable<Uint8Array>): string;
}

/** The paths at which a file of this name is looked for, in the order of the search. */
export function candidates(files: Files, name: string): string[] {
  return files.isAbsolute(name) ? [name] : [name, ...files.folders.map((folder) => files.resolve(folder, name))];
}

/**
 * The path of a data file.
 * @param hint for the error; by default the nearest of the known names
 * @param known other names that are accepted
 * @throws DataError if there is none
 */
export function findFile(files: Files, name: string, hint?: string, known: readonly string[] = []): string {
  if (name === "") throw new DataError("data: expected the name of a file, got an empty one.", hint);
  const paths = candidates(files, name);
  const found = paths.filter((path) => files.kindOf(path) !== undefined);
  const [best] = [...found.filter((path) => files.kindOf(path) !== "folder"), ...found];
  if (best !== undefined) return best;
  const near = nearest(name, known);
  throw new DataError(
    `${name}: expected a data file or the name of a generator, got neither; looked for ${paths.join(", ")}.`,
    hint ??
      (near && near !== name
        ? `did you mean ${near}?`
        : `name a file of lines question_answer, or one of ${known.join(", ")}`),
  );
}

/** The last part of a path, without its ending: `pairs` of `data/pairs.tsv`. */
export function stemOf(path: string): string {
  return path
    .replace(/[/\\]+$/, "")
    .replace(/^.*[/\\]/, "")
    .replace(/\.[^.]*$/, "");
}

/** Files whose frames are the source of a model, by the ending of their names. */
export type FrameKind = ".wav" | ".npy";

/** The kind of a file by its name; undefined if it holds no frames. */
export function frameKindOf(name: string): FrameKind | undefined {
  const lower = name.toLowerCase();
  return ([".wav", ".npy"] as const).find((ending) => lower.endsWith(ending));
}

/** Files in memory, by their names with `/` between folders: those dropped into a page, or those of a test. */
export class MemoryFiles implements Files {
  readonly folders: readonly string[] = [];
  readonly #files: ReadonlyMap<string, Uint8Array>;

  /** @param contents bytes, or text that is stored as UTF-8 */
  constructor(contents: Iterable<readonly [name: string, content: Uint8Array | string]>) {
    const encoder = new TextEncoder();
    this.#files = new Map(
      Array.from(contents, ([name, content]) => [
        name,
        typeof content === "string" ? encoder.encode(content) : content,
      ]),
    );
  }

  kindOf(path: string): "file" | "folder" | undefined {
    if (this.#files.has(path)) return "file";
    return this.list(path).length > 0 ? "folder" : undefined;
  }

  read(path: string, expected: string): Uint8Array {
    const bytes = this.#files.get(path);
    if (bytes) return bytes;
    throw new DataError(`${path}: expected ${expected}, got ${this.kindOf(path) ?? "no such file or folder"}.`);
  }

  open(name: string, path: string): DataFile {
    const bytes = this.read(path, "a data file");
    return { name, path, size: bytes.length, chunks: () => [bytes], range: (from, to) => bytes.subarray(from, to) };
  }

  list(folder: string): string[] {
    const start = folder === "" || folder === "." ? "" : `${folder}/`;
    return [...this.#files.keys()].filter((name) => name.startsWith(start)).map((name) => name.slice(start.length));
  }

  isAbsolute(name: string): boolean {
    return name.startsWith("/");
  }

  resolve(folder: string, name: string): string {
    if (this.isAbsolute(name) || folder === "" || folder === ".") return normalize(name);
    return normalize(`${folder}/${name}`);
  }

  relative(folder: string, path: string): string {
    const [from, to] = [folder, path].map((each) =>
      normalize(each)
        .split("/")
        .filter((part) => part !== ""),
    );
    const [a = [], b = []] = [from, to];
    const shared = a.findIndex((part, i) => part !== b[i]);
    const count = shared < 0 ? a.length : shared;
    return [...a.slice(count).map(() => ".."), ...b.slice(count)].join("/");
  }

  folderOf(path: string): string {
    return path.includes("/") ? path.replace(/\/[^/]*$/, "") : ".";
  }

  digest(chunks: Iterable<Uint8Array>): string {
    return sha256([...chunks]);
  }
}

/** A path without `.` and, where it can be, without `..`. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/"))
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".") parts.push(part);
  return parts.join("/");
}
