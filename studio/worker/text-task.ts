import {
  Characters,
  DataError,
  MemoryText,
  OptionError,
  splitWords,
  type TextData,
  TextOptions,
  type TextSettings,
  textSettings,
  Words,
} from "seqloom";
import * as z from "zod/mini";
import type { Options, Task } from "../messages.js";

export interface PreparedText {
  readonly data: TextData;
  readonly settings: TextSettings;
}

/** Of a large text no more than this is held out for the test, and half of it for validation, in bytes. */
const MOST_HELD = 2 ** 22;
/** Tokens that training takes at least, for something to be learned. */
const LEAST = 200;

/** Cuts a text in three as the command line does: the last tenth for the test, the twentieth before it for validation. */
export function prepareText({ name, bytes }: Extract<Task, { kind: "text" }>, options: Options): PreparedText {
  const parsed = z.safeParse(TextOptions, options);
  if (!parsed.success) throw new OptionError(z.prettifyError(parsed.error));
  const settings = textSettings({ ...parsed.data, tokens: parsed.data.tokens ?? "characters" });
  const isWords = settings.tokens === "words";
  const parts = cut(bytes, isWords).map((part) => decode(name, part));
  const [train = ""] = parts;
  const tokenizer = isWords ? Words.of(count(splitWords(train)), settings.vocabulary) : Characters.of(parts);
  const [a, b, c] = parts.map((part) => new MemoryText(Int32Array.from(tokenizer.encode(part))));
  if (!a || !b || !c || a.length < LEAST || b.length < 2 || c.length < 2)
    throw new DataError(
      `${name}: expected a text of at least ${LEAST} ${settings.tokens} to learn from, got ${a?.length ?? 0}.`,
      "a text of some thousand words is the least to learn from",
    );
  return { data: { name: name.replace(/\.[^.]*$/, ""), tokenizer, train: a, valid: b, test: c }, settings };
}

function cut(bytes: Uint8Array, isWords: boolean): Uint8Array[] {
  const size = bytes.length;
  const test = Math.min(size / 10, MOST_HELD);
  const valid = Math.min(size / 20, MOST_HELD / 2);
  const cuts = [0, boundary(bytes, size - test - valid, isWords), boundary(bytes, size - test, isWords), size];
  return [0, 1, 2].map((i) => bytes.subarray(cuts[i], cuts[i + 1]));
}

/** The first byte from `near` on at which a word, or a character, begins. */
function boundary(bytes: Uint8Array, near: number, isWords: boolean): number {
  for (let at = Math.floor(near); at < bytes.length; at++) {
    const [byte = 0, before] = [bytes[at], bytes[at - 1]];
    if (isWords ? before === 10 || before === 32 : (byte & 0xc0) !== 0x80) return at;
  }
  return bytes.length;
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {} // said below
  throw new DataError(
    `${name}: expected a text in UTF-8, got bytes that are none.`,
    "save the file as plain text, UTF-8",
  );
}

function count(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
