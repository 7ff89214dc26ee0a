import type { Room } from "../backend/arena.js";
import type { PairBatch } from "../models/seq2seq.js";
import type { Ints } from "../tensor.js";
import type { PairSet } from "./pairs.js";
import type { Sequences } from "./sequences.js";

/**
 * Rows as one array (N, T), T that of the longest, and where they differ their lengths. Padding repeats a row's last id:
 * it adds no word to those that occur.
 */
export function packRows(
  room: Room,
  name: string,
  sequences: Sequences,
  rows: ArrayLike<number>,
): { ids: Ints; lengths: Ints | undefined } {
  const N = rows.length;
  const length = (n: number): number => sequences.length(rows[n] ?? 0);
  let [T, least] = [0, Number.POSITIVE_INFINITY];
  for (let n = 0; n < N; n++) [T, least] = [Math.max(T, length(n)), Math.min(least, length(n))];
  const ids = room.ints(name, [N, T]);
  const into = ids.data;
  for (let n = 0; n < N; n++) {
    const row = sequences.row(rows[n] ?? 0);
    into.set(row, n * T);
    into.fill(row.at(-1) ?? 0, n * T + row.length, (n + 1) * T);
  }
  const lengths = room.ints(`${name} lengths`, [N]); // taken in any case: a later batch may need it
  if (least === T) return { ids, lengths: undefined };
  lengths.data.set(Int32Array.from({ length: N }, (_, n) => length(n)));
  return { ids, lengths };
}

/** Some pairs of a set as a batch. It lives until the room's next of the same name. */
export function packPairs(room: Room, { sources, targets }: PairSet, rows: ArrayLike<number>): PairBatch {
  const [source, target] = [packRows(room, "source", sources, rows), packRows(room, "target", targets, rows)];
  return { source: source.ids, target: target.ids, sourceLengths: source.lengths, targetLengths: target.lengths };
}

/** Rows in the order of their lengths, the longest first; of equal ones the earlier first. */
export function byLength(sequences: Sequences, rows: Int32Array): Int32Array {
  return rows.toSorted((a, b) => sequences.length(b) - sequences.length(a));
}
