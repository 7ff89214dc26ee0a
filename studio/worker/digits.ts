import { type Backend, DataError, Random, type SavedSeq2Seq, type TextCodec } from "seqloom";
import type { DigitCells } from "../messages.js";

/** Number of random sums for the analysis. */
const SUMS = 500;

/**
 * Finds the hidden units of the encoder's final state that encode a digit of the sum: the share of each unit's variance
 * that the digit explains (η², the variance between the digits' means over the total variance), over many random sums of
 * numbers with as many digits as in the question.
 */
export function findDigits(
  backend: Backend,
  { model, tokenizer }: SavedSeq2Seq,
  text: string,
): DigitCells[] | undefined {
  const [, a, b] = /^(\d{1,6})\+(\d{1,6})\s*$/.exec(text) ?? [];
  if (a === undefined || b === undefined) return undefined;
  const random = new Random(1);
  const sums = Array.from({ length: SUMS }, () => [draw(random, a), draw(random, b)] as const);
  const questions = encode(tokenizer, sums);
  if (!questions) return undefined;
  const lengths = questions.map((ids) => ids.length);
  const S = Math.max(...lengths);
  const source = backend.arena.ints([SUMS, S]);
  const sourceLengths = backend.arena.ints([SUMS]);
  try {
    source.data.fill(0);
    for (const [n, ids] of questions.entries()) source.data.set(ids, n * S);
    sourceLengths.data.set(lengths);
    const state = model.encode(source, sourceLengths).states.at(-1)?.h.data ?? new Float32Array();
    const totals = sums.map(([left, right]) => left + right);
    return measure(state, totals, Math.max(a.length, b.length) + 1);
  } finally {
    backend.arena.free(source);
    backend.arena.free(sourceLengths);
  }
}

/** Encodes sums; undefined if the vocabulary lacks a digit. */
function encode(
  tokenizer: TextCodec,
  sums: readonly (readonly [number, number])[],
): readonly (readonly number[])[] | undefined {
  try {
    return sums.map(([left, right]) => tokenizer.source.encode(`${left}+${right}`));
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** A random number with the same number of digits. */
function draw(random: Random, like: string): number {
  const least = like.length === 1 ? 0 : 10 ** (like.length - 1);
  return least + random.below(10 ** like.length - least);
}

function measure(state: Float32Array, totals: readonly number[], places: number): DigitCells[] {
  const H = state.length / totals.length;
  const cells = Array.from({ length: H }, (_, cell) => totals.map((_total, n) => state[n * H + cell] ?? 0));
  return Array.from({ length: places }, (_, place) => {
    const digits = totals.map((total) => Math.floor(total / 10 ** place) % 10);
    const shares = cells.map((values, cell) => ({ cell, share: explained(values, digits) }));
    return { place, cells: shares.sort((a, b) => b.share - a.share) };
  });
}

/** The share of the values' variance that lies between the means of the labels, from 0 to 1. */
export function explained(values: readonly number[], labels: readonly number[]): number {
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const all = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  const [sums, counts]: [number[], number[]] = [[], []];
  for (const [i, label] of labels.entries()) {
    sums[label] = (sums[label] ?? 0) + (values[i] ?? 0) - mean;
    counts[label] = (counts[label] ?? 0) + 1;
  }
  const between = counts.reduce((total, count, label) => total + (sums[label] ?? 0) ** 2 / count, 0);
  return all > 0 ? between / all : 0;
}
