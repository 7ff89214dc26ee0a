import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from "node:fs";
import { DataError } from "../engine/errors.js";
import { reason } from "./files.js";

const CHUNK = 2 ** 20;

/** A file that is read piece by piece, as often as wanted, and must not change in between. */
export class ChunkedFile {
  readonly #first: Stats;

  /** @param name how errors call it */
  constructor(
    readonly name: string,
    readonly path: string,
  ) {
    this.#first = statSync(path);
    if (this.#first.isFile()) return;
    if (this.#first.isDirectory()) throw new DataError(`${name}: expected a data file, got a folder.`);
    throw new DataError(
      `${name}: expected a data file, got a pipe or a device.`,
      "it is read more than once: write the data to a file first",
    );
  }

  /** The bytes from the start; a chunk is overwritten once the next is asked for. */
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
        `${this.name}: expected the file as it was at first, got one that has changed since.`,
        "start anew",
      );
  }
}
