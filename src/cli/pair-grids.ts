import { type Grid, labels } from "../report/grid.js";
import type { ScoreGrid } from "../run/evaluate.js";
import type { PairCodec } from "../text/codec.js";
import { grouped } from "./output.js";
import { shownScores } from "./pair-scores.js";

/** The grids of a set's scores, as a report draws them. */
export function gridsOf({ row, column, cells }: ScoreGrid, tokenizer: PairCodec): Grid[] {
  return shownScores(tokenizer).flatMap(({ name, label, format }) => {
    if (!cells.some((cell) => cell[name] !== undefined)) return [];
    const shown = cells.map(({ count, [name]: share = Number.NaN, ...place }) => {
      const note = `${grouped(count)} ${count === 1 ? "question" : "questions"}`;
      return { row: place.row, column: place.column, share, value: format(share), note };
    });
    return [{ title: label, row, column, cells: shown }];
  });
}

/** A grid in a terminal. */
export function formatGrid({ title, row, column, cells }: Grid): string {
  const columns = labels(cells, "column");
  const head = [[`${title} by ${[row, column].filter((name) => name !== "").join(" and ")}`], ["", ...columns]];
  const lines = labels(cells, "row").map((name) => {
    const values = columns.map((each) => cells.find((one) => one.row === name && one.column === each)?.value ?? "");
    return [row === "" ? "" : name, ...values];
  });
  const widths = columns.map((_, i) => Math.max(...[...head, ...lines].map((line) => line[i + 1]?.length ?? 0)));
  const first = Math.max(...lines.map(([name = ""]) => name.length));
  return [...head, ...lines]
    .map(([name = "", ...values]) => [
      name.padStart(first),
      ...values.map((value, i) => value.padStart(widths[i] ?? 0)),
    ])
    .map((line) => line.join("  ").trimEnd())
    .join("\n");
}
