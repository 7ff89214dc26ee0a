import type { Readable } from "node:stream";
import { DataError } from "../engine/errors.js";

/** Maximum number of lines in a batch. */
const MOST = 1000;
/** Milliseconds to wait for more lines. */
const PATIENCE = 20;
/** Maximum length of a line, in characters. */
const LONGEST = 1_000_000;

/**
 * The lines of a stream in batches of those available, up to 1,000: a long stream takes little memory, and someone who
 * types single lines gets each answer at once. The stream is closed when the loop ends or is left.
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

/** Splits chunks of UTF-8 into lines, which end with \n or \r\n; the last line may lack its ending. */
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
