import { escapeHtml } from "./page.js";

/** Scores of groups as a table of shaded cells, the higher the darker. */
export interface Grid {
  readonly title: string;
  /** What rows and columns are. A grid of one row needs no name for it, nor a label: leave the name empty. */
  readonly row: string;
  readonly column: string;
  /** In the order of the groups; where there is none, the table is left empty. */
  readonly cells: readonly GridCell[];
}

export interface GridCell {
  readonly row: string;
  readonly column: string;
  /** From 0 to 1, which decides the shade. */
  readonly share: number;
  /** The share in words: "98.4 %". */
  readonly value: string;
  /** What else there is to know, shown where one points at it. */
  readonly note: string;
}

/** The table of a grid, its caption left to the section that it stands in. */
export function gridTable({ row, column, cells }: Grid): string {
  const [rows, columns] = [labels(cells, "row"), labels(cells, "column")];
  const head = columns.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = rows.map((name) => {
    const tds = columns.map((each) => cell(cells.find((one) => one.row === name && one.column === each)));
    return `<tr><th scope="row">${row === "" ? "" : escapeHtml(name)}</th>${tds.join("")}</tr>`;
  });
  return `<div class="grid"><table>
<thead>
<tr><td></td><th scope="colgroup" colspan="${columns.length}">${escapeHtml(column)}</th></tr>
<tr><th scope="col">${escapeHtml(row)}</th>${head}</tr>
</thead>
<tbody>
${body.join("\n")}
</tbody>
</table></div>`;
}

/** All labels of rows or of columns, in the order in which they first appear. */
export function labels(cells: readonly Pick<GridCell, "row" | "column">[], side: "row" | "column"): string[] {
  return [...new Set(cells.map((one) => one[side]))];
}

function cell(one: GridCell | undefined): string {
  if (!one) return "<td></td>";
  const share = Math.max(0, Math.min(1, one.share)).toFixed(3);
  return `<td style="--share: ${share}" title="${escapeHtml(one.note)}">${escapeHtml(one.value)}</td>`;
}
