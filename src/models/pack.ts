import type { Workspace } from "../engine/backend/arena.js";
import type { Ints } from "../engine/tensor.js";
import type { PairBatch } from "./encoder-decoder.js";
import type { Sequences } from "./sequences.js";
import type { Sources } from "./sources.js";

/**
 * Rows as one array (N, T), T that of the longest, and where they differ their lengths. Padding repeats a row's last id:
 * it adds no word to those that occur.
 */
export function packRows(
  workspace: Workspace,
  name: string,
  sequences: Sequences,
  rows: ArrayLike<number>,
): { values: Ints; lengths: Ints | undefined } {
  const { T, lengths } = packLengths(workspace, name, sequences, rows);
  const values = workspace.ints(name, [rows.length, T]);
  const into = values.data;
  for (let n = 0; n < rows.length; n++) {
    const row = sequences.row(rows[n] ?? 0);
    into.set(row, n * T);
    into.fill(row.at(-1) ?? 0, n * T + row.length, (n + 1) * T);
  }
  return { values, lengths };
}

/** Steps T of the longest row, and those of each row where they differ. */
export function packLengths(
  workspace: Workspace,
  name: string,
  sources: Pick<Sources, "length">,
  rows: ArrayLike<number>,
): { T: number; lengths: Ints | undefined } {
  const each = Int32Array.from(rows, (row) => sources.length(row));
  let [T, least] = [0, Number.POSITIVE_INFINITY];
  for (const length of each) [T, least] = [Math.max(T, length), Math.min(least, length)];
  const lengths = workspace.ints(`${name} lengths`, [each.length]); // taken in any case: a later batch may need it
  if (least === T) return { T, lengths: undefined };
  lengths.data.set(each);
  return { T, lengths };
}

/** Pairs of sequences: row r of `sources` belongs to row r of `targets`. */
export interface EncodedPairs<Source extends Sources = Sources> {
  readonly count: number;
  readonly sources: Source;
  /** Each begins with the start token. */
  readonly targets: Sequences;
}

/** A batch of some pairs. It lives until the next one of the same workspace. */
export function packPairs(
  workspace: Workspace,
  { sources, targets }: Pick<EncodedPairs, "sources" | "targets">,
  rows: ArrayLike<number>,
): PairBatch {
  const [source, target] = [sources.pack(workspace, "source", rows), packRows(workspace, "target", targets, rows)];
  return { source: source.values, target: target.values, sourceLengths: source.lengths, targetLengths: target.lengths };
}

/** Rows in the order of their lengths, the longest first; of equal ones the earlier first. */
export function byLength(sources: Pick<Sources, "length">, rows: Int32Array): Int32Array {
  return rows.toSorted((a, b) => sources.length(b) - sources.length(a));
}
