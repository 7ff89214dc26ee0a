import type { PairGrid } from "../tasks/pairs/pairs.js";
import type { AnsweredPair } from "./answer-pairs.js";
import { type PairMeasureName, type PairScores, scorePairs } from "./pair-measures.js";

/** The scores of a group of questions. */
export interface GroupScores extends PairScores {
  readonly row: string;
  readonly column: string;
  /** Questions. */
  readonly count: number;
}

/** Scores by group, with what rows and columns are. */
export interface ScoreGrid {
  readonly row: string;
  readonly column: string;
  /** Row by row. */
  readonly cells: readonly GroupScores[];
}

/** What each group is scored by. */
const names: readonly PairMeasureName[] = ["exactMatch", "tokenAccuracy"];

/** Scores each group of a grid by itself. */
export function scoreGrid(answered: readonly AnsweredPair[], { row, column, cells }: PairGrid): ScoreGrid {
  const groups = new Map<string, { row: string; column: string; pairs: AnsweredPair[] }>();
  for (const pair of answered) {
    const cell = cells[pair.row] ?? { row: "", column: "" };
    const key = JSON.stringify([cell.row, cell.column]);
    const group = groups.get(key) ?? { row: cell.row, column: cell.column, pairs: [] };
    group.pairs.push(pair);
    groups.set(key, group);
  }
  const order = new Intl.Collator("en", { numeric: true });
  const sorted = [...groups.values()].sort((a, b) => order.compare(a.row, b.row) || order.compare(a.column, b.column));
  return {
    ...{ row, column },
    cells: sorted.map(({ pairs, ...cell }) => ({ ...cell, count: pairs.length, ...scorePairs(pairs, names) })),
  };
}
