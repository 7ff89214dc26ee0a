import { createHash } from "node:crypto";
import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, type Stats, statSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, homedir } from "node:os";
import { dirname, isAbsolute, join, normalize, relative, sep } from "node:path";
import { DataError } from "../engine/errors.js";
import type { DataFile, Files } from "../tasks/files.js";
import type { OnNotice, Ports, Speech } from "../tasks/task.js";
import { type HuggingFaceLibrary, provideHuggingFace } from "../text/hugging-face.js";
import { expectWritable, makeFolder, readBytes, reason, writeWhole } from "./files.js";

provideHuggingFace(requireHuggingFace); // for tokenizer.json files, and models that hold one

/** The package that reads tokenizers of Hugging Face, an optional peer dependency; undefined if it is not installed. */
export function requireHuggingFace(): HuggingFaceLibrary | undefined {
  try {
    const library: unknown = createRequire(import.meta.url)("@huggingface/tokenizers");
    return isHuggingFace(library) ? library : undefined;
  } catch {
    return undefined;
  }
}

function isHuggingFace(library: unknown): library is HuggingFaceLibrary {
  return typeof library === "object" && library !== null && "Tokenizer" in library;
}

const CHUNK = 2 ** 20;

/** The files on disk. @param dataDir a folder that is searched first */
export function nodeFiles({ dataDir }: { readonly dataDir?: string | undefined } = {}): Files {
  const folders = [dataDir, process.env["SEQLOOM_DATA"], userDataFolder()].filter((folder) => folder !== undefined);
  return {
    folders,
    kindOf(path) {
      const stats = existsSync(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
      if (!stats) return undefined;
      return stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
    },
    read: readBytes,
    open: (name, path) => new ChunkedFile(name, path),
    list: (folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((each) => each.isFile())
        .map((each) => withSlashes(relative(folder, join(each.parentPath, each.name)))),
    isAbsolute,
    resolve: (folder, name) => (isAbsolute(name) ? normalize(name) : join(folder, name)),
    relative: (folder, path) => withSlashes(relative(folder, path)),
    folderOf: dirname,
    digest(chunks) {
      const hash = createHash("sha256");
      for (const chunk of chunks) hash.update(chunk);
      return hash.digest("hex");
    },
  };
}

/** The ports of tasks in Node. @param options dataDir: searched first for data, and keeps what is generated */
export function nodePorts({
  dataDir,
  onNotice,
}: {
  readonly dataDir?: string | undefined;
  readonly onNotice?: OnNotice | undefined;
} = {}): Ports {
  return {
    files: nodeFiles({ dataDir }),
    onNotice,
    speech: lazySpeech,
    store: {
      folder: dataDir ?? userDataFolder(),
      prepare(path, hint) {
        makeFolder(dirname(path), hint);
        expectWritable(path, hint);
      },
      write: writeWhole,
    },
    async download(address) {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`status ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}

/** espeak-ng, whose module is loaded when it speaks. */
const lazySpeech: Speech = {
  name: "espeak-ng",
  parallel: availableParallelism(),
  check: async () => (await import("./speech.js")).espeak.check(),
  speak: async (utterance) => (await import("./speech.js")).espeak.speak(utterance),
};

/** Normalizes names, so that the same file is split in the same way on every system. */
const withSlashes = (path: string): string => path.replaceAll(sep, "/");

/** The folder in which fetched data are kept. */
export function userDataFolder(): string {
  const { platform, env } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "seqloom");
  if (platform === "darwin") return join(homedir(), "Library", "Application Support", "seqloom");
  return join(env["XDG_DATA_HOME"] ?? join(homedir(), ".local", "share"), "seqloom");
}

/** The folder for what can be computed again. */
export function userCacheFolder(): string {
  const { platform, env } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "seqloom", "cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "seqloom");
  return join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "seqloom");
}

class ChunkedFile implements DataFile {
  readonly #first: Stats;

  constructor(
    readonly name: string,
    readonly path: string,
  ) {
    this.#first = statSync(path);
    if (this.#first.isFile()) return;
    if (this.#first.isDirectory()) throw new DataError(`${name}: expected a data file, got a folder.`);
    throw new DataError(
      `${name}: expected a data file, got a pipe or a device.`,
      "the data is read more than once: save it to a file first",
    );
  }

  get size(): number {
    return this.#first.size;
  }

  *chunks(): Generator<Uint8Array, void> {
    const file = this.#open();
    try {
      const bytes = new Uint8Array(CHUNK);
      for (let got = -1; got !== 0; ) {
        got = readSync(file, bytes, 0, CHUNK, null);
        this.#expectUnchanged(fstatSync(file));
        yield bytes.subarray(0, got);
      }
    } finally {
      closeSync(file);
    }
  }

  range(from: number, to: number): Uint8Array {
    const file = this.#open();
    try {
      const bytes = new Uint8Array(to - from);
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, from));
    } finally {
      closeSync(file);
    }
  }

  #open(): number {
    try {
      return openSync(this.path, "r");
    } catch (cause) {
      throw new DataError(`${this.name}: expected a data file, got ${reason(cause)}.`);
    }
  }

  #expectUnchanged({ size, mtimeMs }: Stats): void {
    if (size !== this.#first.size || mtimeMs !== this.#first.mtimeMs)
      throw new DataError(
        `${this.name}: expected an unchanged file, got one that was modified while it was read.`,
        "run the command again",
      );
  }
}
