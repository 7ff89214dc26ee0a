import { escapeHtml } from "./page.js";

/** Scores of groups as a table of shaded cells, the higher the darker. */
export interface Grid {
  readonly title: string;
  /** Names of the two axes. For a grid with one row, leave the name and the label of the row empty. */
  readonly row: string;
  readonly column: string;
  /** In the order of the groups; missing cells are left empty. */
  readonly cells: readonly GridCell[];
}

/** A cell of a grid: the score of one group. */
export interface GridCell {
  readonly row: string;
  readonly column: string;
  /** From 0 to 1; decides the shade. */
  readonly share: number;
  /** Share as text: "98.4 %". */
  readonly value: string;
  /** Further details, shown as a tooltip. */
  readonly note: string;
}

/** Renders the table of a grid, without its title. */
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

/** Lists the labels of rows or columns, in order of first appearance. */
export function labels(cells: readonly Pick<GridCell, "row" | "column">[], side: "row" | "column"): string[] {
  return [...new Set(cells.map((one) => one[side]))];
}

function cell(one: GridCell | undefined): string {
  if (!one) return "<td></td>";
  const share = Math.max(0, Math.min(1, one.share)).toFixed(3);
  return `<td style="--share: ${share}" title="${escapeHtml(one.note)}">${escapeHtml(one.value)}</td>`;
}
