import { DataError, quote } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { Characters } from "../../text/characters.js";
import { badLine, openLines, START } from "./pair-formats.js";
import { encodePairs, type Pair, type PairData } from "./pairs.js";
import { type BadRow, readRows } from "./rows.js";
import { FixedPairs, type TextCodec } from "./text-codec.js";

/** The most bytes of a line of fixed width. */
const LONGEST_FIXED = 10_000;

/**
 * All pairs of a file of lines `question_answer` of fixed width, as in the book: blanks are kept, and a target begins
 * with its `_`.
 * @param name the file's name in errors
 * @throws DataError with file and line
 */
export function readFixedPairs(name: string, bytes: Uint8Array): Pair[] {
  const read = openFixed();
  const pairs: Pair[] = [];
  for (const { line, content } of readRows(name, [bytes], { longest: LONGEST_FIXED, allowsNul: true })) {
    const pair = typeof content === "string" ? read(content, line) : content;
    if ("reason" in pair) throw new DataError(`${name}:${line}: ${pair.message}`, pair.hint);
    pairs.push(pair);
  }
  if (pairs.length < 2) throw new DataError(`${name}: expected at least two lines, got ${pairs.length}.`);
  return pairs;
}

/** Reads lines `question_answer` of fixed width. Blanks are kept, and the target begins with its `_`. */
function openFixed(): (row: string, line: number) => Pair | BadRow {
  const read = openLines();
  return (row, line) => {
    if (row === "") return badLine('expected "question_answer", got an empty line.');
    const pair = read(row, line);
    const isHalf = "source" in pair && (pair.source === "" || pair.target === START);
    return isHalf ? badLine(`expected a question and an answer, got ${quote(row)}.`) : pair;
  };
}

/** The order in which pairs are divided: NumPy's shuffle with seed 1984, as in the book, or our own with a seed. */
export type Shuffle = { readonly kind: "book" } | { readonly kind: "seeded"; readonly seed: number };

/** Shuffles pairs of fixed width and holds out the last tenth, at least one, for the test set. */
export function splitPairs(name: string, pairs: readonly Pair[], shuffle: Shuffle): PairData {
  const order =
    shuffle.kind === "book"
      ? numpyShuffle(1984, pairs.length)
      : new Random(shuffle.seed, 0x5b117).shuffle(Int32Array.from(pairs, (_, i) => i));
  const shuffled = Array.from(order, (i) => pairs[i]).filter((pair) => pair !== undefined);
  const held = Math.max(1, Math.floor(pairs.length / 10));
  return makePairData(name, makeFixedCodec(pairs), shuffled.slice(0, -held), shuffled.slice(-held));
}

/** Encodes the training and the test set. */
export function makePairData(
  name: string,
  tokenizer: TextCodec,
  train: readonly Pair[],
  test: readonly Pair[],
): PairData {
  return { name, tokenizer, train: encodePairs(tokenizer, train), test: encodePairs(tokenizer, test) };
}

/**
 * One vocabulary for both sides, and the widths of the widest source and target.
 * @param characters @default those of the pairs in order of first appearance, a source's before its target's
 */
export function makeFixedCodec(
  pairs: readonly Pair[],
  characters = Characters.of(pairs.flatMap(({ source, target }) => [source, target])),
): FixedPairs {
  const widest = (texts: string[]): number => texts.reduce((most, text) => Math.max(most, [...text].length), 0);
  const [S, T] = [widest(pairs.map((pair) => pair.source)), widest(pairs.map((pair) => pair.target))];
  return new FixedPairs(characters, characters, S, T, START);
}

/**
 * NumPy's legacy generator as far as shuffling needs it: the Mersenne Twister MT19937, seeded by an integer, and the
 * order in which `np.random.seed(seed); np.random.shuffle(np.arange(n))` leaves n things.
 *
 * Source: Matsumoto & Nishimura 1998; NumPy's legacy distributions (masked rejection for bounded integers).
 */
export function numpyShuffle(seed: number, n: number): Int32Array {
  const next = mersenneTwister(seed);
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const mask = 2 ** (32 - Math.clz32(i)) - 1;
    let j = next() & mask;
    while (j > i) j = next() & mask;
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

/** A function that gives the generator's next 32 bits. */
export function mersenneTwister(seed: number): () => number {
  const [size, shift] = [624, 397];
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const before = state[i - 1] ?? 0;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let at = size;
  const twist = (): void => {
    for (let i = 0; i < size; i++) {
      const y = ((state[i] ?? 0) & 0x80000000) | ((state[(i + 1) % size] ?? 0) & 0x7fffffff);
      state[i] = (state[(i + shift) % size] ?? 0) ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    at = 0;
  };
  return () => {
    if (at === size) twist();
    let y = state[at++] ?? 0;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
