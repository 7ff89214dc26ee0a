import {
  Characters,
  checkOptions,
  cutText,
  DataError,
  MemoryText,
  splitWords,
  type TextData,
  TextOptions,
  type TextSettings,
  textSettings,
  Words,
} from "seqloom";
import type { Options, TaskRequest } from "../messages.js";

export interface PreparedText {
  readonly data: TextData;
  readonly settings: TextSettings;
}

/** Minimum number of training tokens. */
const LEAST = 200;

/** Splits a text as the command line does: the last tenth is the test set, the twentieth before it the validation set. */
export function prepareText({ name, bytes }: Extract<TaskRequest, { kind: "text" }>, options: Options): PreparedText {
  const given = checkOptions("Train", TextOptions, options);
  const settings = textSettings({ ...given, tokenizer: given.tokenizer ?? "characters" });
  const isWords = settings.tokenizer === "words";
  const cuts = cutText(bytes.length, isWords ? "word" : "character", (from, to) => bytes.subarray(from, to));
  const parts = cuts.map(([from, to]) => decode(name, bytes.subarray(from, to)));
  const [train = ""] = parts;
  const tokenizer = isWords ? Words.of(count(splitWords(train)), settings.vocabSize) : Characters.of(parts);
  const [a, b, c] = parts.map((part) => new MemoryText(Int32Array.from(tokenizer.encode(part))));
  if (!a || !b || !c || a.length < LEAST || b.length < 2 || c.length < 2)
    throw new DataError(
      `${name}: expected a training set of at least ${LEAST} ${settings.tokenizer}, got ${a?.length ?? 0}.`,
      "use a text of at least a few thousand words",
    );
  return { data: { name: name.replace(/\.[^.]*$/, ""), tokenizer, train: a, valid: b, test: c }, settings };
}

function decode(name: string, bytes: Uint8Array): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {} // reported below
  throw new DataError(`${name}: expected UTF-8 text, got invalid bytes.`, "save the file as plain text in UTF-8");
}

function count(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
