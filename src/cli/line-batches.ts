import type { Readable } from "node:stream";
import { DataError } from "../engine/errors.js";

/** Lines that come together at most. */
const MOST = 1000;
/** Milliseconds that a line waits for others. */
const PATIENCE = 20;
/** Characters of a line. */
const LONGEST = 1_000_000;

/**
 * The lines of a stream in batches: as many as are there, up to 1,000. So a stream of any length takes little memory, and
 * who writes a line now and then has its answer at once. The stream is closed at the end, and where the loop is left.
 * @throws DataError for a line that is too long
 */
export async function* lineBatches(input: Readable): AsyncGenerator<string[], void> {
  const chunks: AsyncIterator<Uint8Array> = input[Symbol.asyncIterator]();
  const splitter = new LineSplitter();
  let lines: string[] = [];
  let next = chunks.next();
  try {
    for (;;) {
      const result = lines.length === 0 ? await next : await Promise.race([next, pause()]);
      if (result?.done) break;
      if (result) {
        for (const line of splitter.split(result.value)) lines.push(line);
        next = chunks.next();
        if (lines.length < MOST) continue;
      }
      const all = lines;
      lines = [];
      for (let from = 0; from < all.length; from += MOST) yield all.slice(from, from + MOST);
    }
    lines.push(...splitter.end());
    if (lines.length > 0) yield lines;
  } finally {
    input.destroy();
  }
}

function pause(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), PATIENCE));
}

/** Cuts chunks of UTF-8 into lines; each ends with \n or \r\n, but for the last, which need not. */
class LineSplitter {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #count = 0;

  split(chunk: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    this.#count += lines.length;
    if (this.#rest.length > LONGEST)
      throw new DataError(
        `line ${this.#count + 1}: expected at most ${LONGEST.toLocaleString("en")} characters, got more.`,
      );
    return lines.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  end(): string[] {
    const last = this.#rest + this.#decoder.decode();
    return last === "" ? [] : [last.endsWith("\r") ? last.slice(0, -1) : last];
  }
}
