import type { Readable } from "node:stream";
import { lineBatches } from "./line-batches.js";

/** An input text. */
export interface Input {
  readonly text: string;
  /** Number of its first line, from 1. */
  readonly line: number;
}

/**
 * The texts of a stream in batches of those available. Each line is a text or, with `hasLines`, all lines up to a blank one.
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
