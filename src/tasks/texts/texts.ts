import { DataError } from "../../engine/errors.js";
import { Characters } from "../../text/characters.js";
import { cutText, type TextUnit } from "../../text/cut-text.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { splitWords, Words } from "../../text/words.js";
import { candidates, type DataFile, type Files, findFile, stemOf } from "../files.js";
import type { Ports } from "../task.js";
import type { TextData, TokenText } from "./text.js";
import { FileText, readPieces } from "./text-file.js";

/** A section of a file, in bytes. */
interface Section {
  readonly file: DataFile;
  readonly from: number;
  readonly to: number;
}

/** A text in files, with a hash of them. */
export interface TextSource extends TextData {
  hash(): string;
}

/** Data sets of three files, with the address of their folder and the SHA-256 of each. */
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
/** A hint for a text that is not found. */
export const textHint = "name a UTF-8 text file, or ptb";

/** Largest number of distinct words to count; beyond it, those seen only once are dropped. */
const MOST_COUNTED = 2_000_000;

/**
 * Loads a text: a data set by name, or a UTF-8 file, whose last tenth is the test set and the twentieth before it the
 * validation set, but at most 4 MiB and 2 MiB.
 * @param options the kind and size of its vocabulary, or a tokenizer
 */
export async function loadText(
  name: string,
  options: { tokenizer: "words" | "characters"; vocabSize: number } | { tokenizer: Tokenizer },
  ports: Pick<Ports, "files" | "store" | "download">,
): Promise<TextSource> {
  const { files } = ports;
  const isWords = "vocabSize" in options ? options.tokenizer === "words" : options.tokenizer instanceof Words;
  const unit = isWords ? "word" : "character";
  const { title, sections } =
    name === "ptb" ? await openNamed(name, ports) : cutFile(openText(files, findFile(files, name, textHint)), unit);
  const tokenizer =
    "vocabSize" in options
      ? isWords
        ? countWords(sections[0], options.vocabSize)
        : listCharacters(sections)
      : options.tokenizer;
  const [train, valid, test] = sections.map(({ file, from, to }) => new FileText(file, unit, tokenizer, from, to));
  for (const [what, text] of Object.entries({ training: train, validation: valid, test }))
    if (!text || text.length < 2)
      throw new DataError(
        `${name}: expected at least 2 tokens for the ${what} set, got ${text?.length ?? 0}.`,
        "a text of some thousand words is the least to learn from",
      );
  const [a, b, c]: (TokenText | undefined)[] = [train, valid, test];
  if (!a || !b || !c) throw new DataError(`${name}: expected three parts.`);
  return { name: title, tokenizer, train: a, valid: b, test: c, hash: () => files.digest(bytesOf(sections)) };
}

/** @throws DataError for a folder */
function openText(files: Files, path: string): DataFile {
  if (files.kindOf(path) === "folder") throw new DataError(`${path}: expected a text file, got a folder.`);
  return files.open(path, path);
}

function cutFile(file: DataFile, unit: TextUnit): { title: string; sections: Section[] } {
  const { path, size } = file;
  if (size === 0) throw new DataError(`${path}: expected a text, got an empty file.`);
  const cuts = cutText(size, unit, (from, to) => file.range(from, to));
  return { title: stemOf(path), sections: cuts.map(([from, to]) => ({ file, from, to })) };
}

async function openNamed(
  name: keyof typeof named,
  ports: Pick<Ports, "files" | "store" | "download">,
): Promise<{ title: string; sections: Section[] }> {
  const { address, files: hashes } = named[name];
  const { files } = ports;
  const sections: Section[] = [];
  for (const [each, sha256] of Object.entries(hashes)) {
    const places = files.folders.flatMap((folder) => [`${name}/${each}`, each].map((it) => files.resolve(folder, it)));
    const path =
      places.find((place) => files.kindOf(place) !== undefined) ??
      (await fetchFile(`${address}${each}`, sha256, `${name}/${each}`, ports));
    const file = files.open(path, path);
    sections.push({ file, from: 0, to: file.size });
  }
  return { title: name, sections };
}

/** Fetches a file once, and keeps it only if its hash is right. */
async function fetchFile(
  address: string,
  sha256: string,
  name: string,
  { files, store, download }: Pick<Ports, "files" | "store" | "download">,
): Promise<string> {
  if (!store || !download)
    throw new DataError(`${name}: expected the file, got none; looked for ${candidates(files, name).join(", ")}.`);
  const path = files.resolve(files.folders.at(-1) ?? store.folder, name);
  const place = `place the file at ${path}, or in a folder that dataDir or SEQLOOM_DATA names`;
  const bytes = await download(address).catch((cause: unknown) => {
    const got = cause instanceof Error ? cause.message : cause;
    throw new DataError(`${address}: expected to fetch it, got ${got}.`, place);
  });
  const got = files.digest([bytes]);
  if (got !== sha256) throw new DataError(`${address}: expected SHA-256 ${sha256}, got ${got}.`, place);
  store.prepare(path, place);
  store.write(path, bytes);
  return path;
}

/** The vocabulary of a whole file of words. */
export function wordsOf(files: Files, path: string, limit: number): Tokenizer {
  const file = openText(files, path);
  return countWords({ file, from: 0, to: file.size }, limit);
}

function countWords(section: Section | undefined, limit: number): Tokenizer {
  const counts = new Map<string, number>();
  for (const { text } of section ? readPieces(section.file, "word", section.from, section.to) : []) {
    for (const word of splitWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    if (counts.size > MOST_COUNTED) for (const [word, count] of counts) if (count === 1) counts.delete(word);
  }
  return Words.of(counts, limit);
}

function listCharacters(sections: readonly Section[]): Tokenizer {
  const seen = new Set<string>();
  for (const { file, from, to } of sections)
    for (const { text } of readPieces(file, "character", from, to)) for (const character of text) seen.add(character);
  return new Characters([...seen]);
}

function* bytesOf(sections: readonly Section[]): Generator<Uint8Array, void> {
  for (const { file, from, to } of sections)
    for (let at = from; at < to; at += 2 ** 20) yield file.range(at, Math.min(to, at + 2 ** 20));
}
