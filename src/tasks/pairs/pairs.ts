import { DataError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { type Sequences, SequenceWriter, type Sources } from "../../models/sources.js";
import { Characters } from "../../text/characters.js";
import { quote } from "../../text/quote.js";
import type { Targets } from "../../text/targets.js";
import { FixedPairs } from "./fixed-pairs.js";
import { numpyShuffle } from "./numpy-random.js";
import type { TextPair } from "./pair-formats.js";
import type { PairTokenizer } from "./pair-tokenizer.js";

/** Whether an answer is right. */
export type Judge = (question: string, answer: string) => boolean;

/** Pairs of sequences: row r of `sources` belongs to row r of `targets`. */
export interface PairSet<Source extends Sources = Sequences> {
  readonly count: number;
  readonly sources: Source;
  /** Each begins with the start token. */
  readonly targets: Sequences;
  /**
   * The pairs to the letter, where they are kept: ids do not tell what was unknown, or how it was cut. A source that is
   * no text is told by the name of its file.
   */
  readonly texts?: readonly TextPair[];
  /** Whether an answer is right of a question's text, where the data know more than the answers that stand there. */
  readonly judge?: Judge | undefined;
  /** Groups of pairs that are scored one by one. */
  readonly grid?: PairGrid;
}

/** A table of groups, with what its rows and columns are called. */
export interface PairGrid {
  readonly row: string;
  readonly column: string;
  /** The labels of each pair's group. */
  readonly cells: readonly { readonly row: string; readonly column: string }[];
}

/** Pairs without end, as ids. */
export interface PairStream {
  /** What tells it from others: a run goes on only with the same. */
  readonly id: string;
  /** @param done share of the training that is done, from 0 to 1 */
  draw(done: number, random: Random): { source: number[]; target: number[] };
}

/** A task: how its text becomes ids, and what to train and to test on. */
export interface PairData<Source extends Sources = Sequences, Tokenizer extends Targets = PairTokenizer> {
  readonly name: string;
  readonly tokenizer: Tokenizer;
  readonly train: PairSet<Source>;
  /** Where training pairs have no end, where they come from; `train` is then a sample. */
  readonly stream?: PairStream | undefined;
  /** What decides which model is the best; there may be none. */
  readonly valid?: PairSet<Source> | undefined;
  readonly test: PairSet<Source>;
}

export interface Pair {
  readonly question: string;
  /** In the book's form it begins with the start character. */
  readonly answer: string;
}

/** How a file's rows are divided: by NumPy's shuffle with seed 1984 as in the book, or by our own with a seed. */
export type Split = { readonly kind: "book" } | { readonly kind: "seeded"; readonly seed: number };

const SEPARATOR = "_";
const LONGEST_LINE = 10_000;

/**
 * Reads lines `question_answer` of fixed width; the answer begins with its `_`.
 * @param name how errors call the file
 * @throws DataError with file and line
 */
export function parsePairs(name: string, bytes: Uint8Array): Pair[] {
  const pairs: Pair[] = [];
  const widths: [question: number, answer: number] = [0, 0];
  for (const [i, line] of decodeLines(name, bytes).entries()) {
    const where = `${name}:${i + 1}`;
    const cut = line.indexOf(SEPARATOR);
    const hint = "each line is a question, _ and its answer, filled with blanks to the same width: 16+75  _91  ";
    if (line === "") throw new DataError(`${where}: expected "question_answer", got an empty line.`, hint);
    if (cut < 0) throw new DataError(`${where}: expected "question_answer", got ${quote(line)} without _.`, hint);
    const pair = { question: line.slice(0, cut), answer: line.slice(cut) };
    const [q, a] = [[...pair.question].length, [...pair.answer].length];
    if (i === 0) [widths[0], widths[1]] = [q, a];
    if (q !== widths[0] || a !== widths[1])
      throw new DataError(
        `${where}: expected a question of ${widths[0]} characters and an answer of ${widths[1]}, as in line 1, got ${q} and ${a}.`,
        hint,
      );
    if (q === 0 || a < 2) throw new DataError(`${where}: expected a question and an answer, got ${quote(line)}.`, hint);
    pairs.push(pair);
  }
  if (pairs.length < 2) throw new DataError(`${name}: expected at least two lines, got ${pairs.length}.`);
  return pairs;
}

/** Shuffles pairs and holds out the last tenth (at least one) for testing. */
export function splitPairs(name: string, pairs: readonly Pair[], split: Split): PairData {
  const order =
    split.kind === "book"
      ? numpyShuffle(1984, pairs.length)
      : new Random(split.seed, 0x5b117).shuffle(Int32Array.from(pairs, (_, i) => i));
  const shuffled = Array.from(order, (i) => pairs[i]).filter((pair) => pair !== undefined);
  const held = Math.max(1, Math.floor(pairs.length / 10));
  return makePairData(name, makeTokenizer(pairs), shuffled.slice(0, -held), shuffled.slice(-held));
}

/** Encodes both parts. */
export function makePairData(
  name: string,
  tokenizer: PairTokenizer,
  train: readonly Pair[],
  test: readonly Pair[],
): PairData {
  return { name, tokenizer, train: encodePairs(tokenizer, train), test: encodePairs(tokenizer, test) };
}

export function encodePairs(tokenizer: PairTokenizer, pairs: Iterable<Pair>): PairSet {
  const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
  let count = 0;
  for (const { question, answer } of pairs) {
    sources.add(tokenizer.encodeSource(question));
    targets.add(tokenizer.encodeTarget(answer));
    count++;
  }
  return { count, sources: sources.finish(), targets: targets.finish() };
}

/** The pairs of a set as text, without the blanks that fill them. */
export function decodePairs(tokenizer: PairTokenizer, { count, sources, targets }: PairSet): Pair[] {
  return Array.from({ length: count }, (_, i) => ({
    question: tokenizer.decodeSource(sources.row(i)),
    answer: tokenizer.decodeTarget(targets.row(i)),
  }));
}

/**
 * One vocabulary for both sides, and the widths of the widest question and answer.
 * @param characters those of the pairs in order of first appearance, a question's before its answer's, or others
 */
export function makeTokenizer(
  pairs: readonly Pair[],
  characters = Characters.of(pairs.flatMap(({ question, answer }) => [question, answer])),
): FixedPairs {
  const widest = (texts: string[]): number => texts.reduce((most, text) => Math.max(most, [...text].length), 0);
  const [S, T] = [widest(pairs.map((pair) => pair.question)), widest(pairs.map((pair) => pair.answer))];
  return new FixedPairs(characters, characters, S, T, SEPARATOR);
}

function decodeLines(name: string, bytes: Uint8Array): string[] {
  const lines: string[] = [];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start);
    const next = newline < 0 ? bytes.length : newline;
    const end = bytes[next - 1] === 13 && next > start ? next - 1 : next;
    const where = `${name}:${lines.length + 1}`;
    if (end - start > LONGEST_LINE)
      throw new DataError(`${where}: expected a line of at most ${LONGEST_LINE} bytes, got ${end - start}.`);
    try {
      lines.push(decoder.decode(bytes.subarray(start, end)));
    } catch {
      throw new DataError(`${where}: expected UTF-8 text, got bytes that are none.`, "save the file as UTF-8");
    }
    start = next + 1;
  }
  return lines;
}
