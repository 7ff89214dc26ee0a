import type { Readable } from "node:stream";
import { lineBatches } from "./line-batches.js";

/** A text to be answered. */
export interface Input {
  readonly text: string;
  /** The line, from 1, in which it begins. */
  readonly line: number;
}

/**
 * The texts of a stream, as many at a time as are there: each line is one, or, where a text has several lines, all lines up
 * to a blank one.
 * @throws DataError for a line that is too long
 */
export async function* inputBatches(stream: Readable, hasLines: boolean): AsyncGenerator<Input[], void> {
  let line = 0;
  let open: { lines: string[]; line: number } | undefined;
  const close = (): Input[] => {
    const ended = open ? [{ text: open.lines.join("\n"), line: open.line }] : [];
    open = undefined;
    return ended;
  };
  for await (const lines of lineBatches(stream)) {
    const inputs = lines.flatMap((text): Input[] => {
      line++;
      if (!hasLines) return [{ text, line }];
      if (text.trim() === "") return close();
      open ??= { lines: [], line };
      open.lines.push(text);
      return [];
    });
    if (inputs.length > 0) yield inputs;
  }
  const last = close();
  if (last.length > 0) yield last;
}
