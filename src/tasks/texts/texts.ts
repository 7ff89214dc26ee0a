import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DataError } from "../../engine/errors.js";
import { dataFolders, findFile, userDataFolder } from "../../node/datasets.js";
import { makeFolder, readRange, writeWhole } from "../../node/files.js";
import { Characters } from "../../text/characters.js";
import { cutText, type TextUnit } from "../../text/cut-text.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { splitWords, Words } from "../../text/words.js";
import type { TextData, TokenText } from "./text.js";
import { FileText, readPieces } from "./text-file.js";

/** A part of a file, in bytes. */
interface Part {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

/** A text with the files its parts stand in, and a hash of them. */
export interface TextSource extends TextData {
  hash(): string;
}

/** Datasets of three files, each with the address it can be had from. */
const named = {
  /** Penn Treebank as Mikolov prepared it. Licensed by the LDC. */
  ptb: {
    address: "https://raw.githubusercontent.com/tomsercu/lstm/master/data/",
    files: {
      "ptb.train.txt": "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
      "ptb.valid.txt": "c9fe6985fe0d4ccb578183407d7668fc6066c20700cb4cf87d8ff1cc34df1bf2",
      "ptb.test.txt": "dd65dff31e70846b2a6030a87482edcd5d199130cdcfa1f3dccbb033728deee0",
    },
  },
} as const;
/** What to do where a text is not found. */
export const textHint = "name a UTF-8 text file, or ptb";

/** What distinct words are counted at most; beyond it those seen once so far are forgotten. */
const MOST_COUNTED = 2_000_000;

/**
 * Loads a text: a dataset by name, or a UTF-8 file, of which the last tenth is for the test and the twentieth before it
 * for validation, though no more than 4 MiB and 2 MiB.
 * @param options how to make its vocabulary, or the one to read it with
 */
export async function loadText(
  name: string,
  options: { dataDir?: string | undefined } & (
    | { tokenizer: "words" | "characters"; vocabSize: number }
    | { tokenizer: Tokenizer }
  ),
): Promise<TextSource> {
  const { dataDir } = options;
  const isWords = "vocabSize" in options ? options.tokenizer === "words" : options.tokenizer instanceof Words;
  const unit = isWords ? "word" : "character";
  const { title, parts } =
    name === "ptb" ? await findNamed(name, dataDir) : cutFile(findFile(name, dataDir, textHint), unit);
  const tokenizer =
    "vocabSize" in options
      ? isWords
        ? countWords(parts[0], options.vocabSize)
        : listCharacters(parts)
      : options.tokenizer;
  const [train, valid, test] = parts.map((part) => new FileText(part.path, unit, tokenizer, part.from, part.to));
  for (const [what, text] of Object.entries({ training: train, validation: valid, test }))
    if (!text || text.length < 2)
      throw new DataError(
        `${name}: expected at least 2 tokens for the ${what} set, got ${text?.length ?? 0}.`,
        "a text of some thousand words is the least to learn from",
      );
  const [a, b, c]: (TokenText | undefined)[] = [train, valid, test];
  if (!a || !b || !c) throw new DataError(`${name}: expected three parts.`);
  return { name: title, tokenizer, train: a, valid: b, test: c, hash: () => hashParts(parts) };
}

function cutFile(path: string, unit: TextUnit): { title: string; parts: Part[] } {
  if (statSync(path).isDirectory()) throw new DataError(`${path}: expected a text file, got a folder.`);
  const size = statSync(path).size;
  if (size === 0) throw new DataError(`${path}: expected a text, got an empty file.`);
  const cuts = cutText(size, unit, (from, to) => readRange(path, from, to));
  const parts = cuts.map(([from, to]) => ({ path, from, to }));
  return { title: basename(path).replace(/\.[^.]*$/, ""), parts };
}

async function findNamed(
  name: keyof typeof named,
  dataDir: string | undefined,
): Promise<{ title: string; parts: Part[] }> {
  const { address, files } = named[name];
  const parts: Part[] = [];
  for (const [file, sha256] of Object.entries(files)) {
    const places = dataFolders(dataDir).flatMap((folder) => [join(folder, name, file), join(folder, file)]);
    const path =
      places.find((place) => existsSync(place)) ??
      (await fetchFile(`${address}${file}`, sha256, join(userDataFolder(), name, file)));
    parts.push({ path, from: 0, to: statSync(path).size });
  }
  return { title: name, parts };
}

/** Fetches a file once, and keeps it only if its hash is right. */
async function fetchFile(address: string, sha256: string, path: string): Promise<string> {
  const place = `place the file at ${path}, or in a folder that --data-dir or SEQLOOM_DATA names`;
  const response = await fetch(address).catch((cause: unknown) => {
    throw new DataError(
      `${address}: expected to fetch it, got ${cause instanceof Error ? cause.message : cause}.`,
      place,
    );
  });
  if (!response.ok) throw new DataError(`${address}: expected to fetch it, got status ${response.status}.`, place);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const got = createHash("sha256").update(bytes).digest("hex");
  if (got !== sha256) throw new DataError(`${address}: expected SHA-256 ${sha256}, got ${got}.`, place);
  makeFolder(dirname(path), place);
  writeWhole(path, bytes);
  return path;
}

/** The words of a whole file. */
export function wordsOf(path: string, limit: number): Tokenizer {
  if (statSync(path).isDirectory()) throw new DataError(`${path}: expected a text file, got a folder.`);
  return countWords({ path, from: 0, to: statSync(path).size }, limit);
}

function countWords(part: Part | undefined, limit: number): Tokenizer {
  const counts = new Map<string, number>();
  for (const { text } of part ? readPieces(part.path, "word", part.from, part.to) : []) {
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    if (counts.size > MOST_COUNTED) for (const [word, count] of counts) if (count === 1) counts.delete(word);
  }
  return Words.of(counts, limit);
}

function listCharacters(parts: readonly Part[]): Tokenizer {
  const seen = new Set<string>();
  for (const { path, from, to } of parts)
    for (const { text } of readPieces(path, "character", from, to)) for (const character of text) seen.add(character);
  return new Characters([...seen]);
}

function hashParts(parts: readonly Part[]): string {
  const hash = createHash("sha256");
  for (const { path, from, to } of parts)
    for (let at = from; at < to; at += 2 ** 20) hash.update(readRange(path, at, Math.min(to, at + 2 ** 20)));
  return hash.digest("hex");
}
