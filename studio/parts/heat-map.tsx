import { useEffect, useMemo, useState } from "preact/hooks";

/** Adjacent columns with one heading. */
export interface ColumnGroup {
  readonly name: string;
  readonly count: number;
}

interface HeatMapProps {
  readonly title: string;
  readonly hint: string;
  readonly rows: readonly string[];
  /** Column headings; without them the columns are narrow. */
  readonly columns?: readonly string[];
  readonly groups?: readonly ColumnGroup[];
  /** From −1 to 1; with column headings from 0 to 1, and each cell shows its number. */
  readonly values: readonly (readonly number[])[];
  /** The text of a cell for the tooltip and for screen readers. */
  readonly say: (row: number, column: number, value: number) => string;
}

/** A heat map. Arrow keys move between cells. */
export function HeatMap({ title, hint, rows, columns, groups, values, say }: HeatMapProps) {
  const [said, setSaid] = useState("");
  useEffect(() => setSaid(""), [values]); // the announced cell belonged to the old values
  const show = ({ target }: Event): void => {
    const cell = target instanceof HTMLElement ? target.closest("td[aria-label]") : null;
    if (cell) setSaid(cell.getAttribute("aria-label") ?? "");
  };
  const body = useMemo(
    () => (
      <tbody>
        {values.map((row, r) => (
          <tr key={r}>
            <th scope="row">{rows[r]}</th>
            {row.map((value, c) => (
              <td
                key={c}
                tabIndex={r === 0 && c === 0 ? 0 : -1}
                class={value < 0 ? "below" : "above"}
                style={{ "--value": `${Math.round(100 * Math.abs(value))}%` }}
                aria-label={say(r, c, value)}
                data-number={columns && value >= 0.005 ? Math.round(100 * value) : undefined}
              />
            ))}
          </tr>
        ))}
      </tbody>
    ),
    [rows, columns, values, say],
  );
  return (
    <figure class="heat">
      <figcaption>
        <h3>{title}</h3>
        <p class="hint">{hint}</p>
      </figcaption>
      <div class="wide">
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrow keys move through it
          role="grid"
          aria-label={title}
          class={columns ? "map" : "map fine"}
          style={{ "--columns": values[0]?.length ?? 1 }}
          onPointerOver={show}
          onFocusIn={show}
          onKeyDown={walk}
        >
          {(columns || groups) && (
            <thead>
              <tr>
                <td />
                {columns?.map((name, c) => (
                  <th key={c} scope="col">
                    {name}
                  </th>
                ))}
                {groups?.map(({ name, count }) => (
                  <th key={name} scope="colgroup" colSpan={count} title={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          {body}
        </table>
      </div>
      <p class="said" aria-hidden="true">
        {said}
      </p>
    </figure>
  );
}

const steps: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Moves the focus to a neighbour; only the focused cell is in the tab order. */
function walk(event: KeyboardEvent): void {
  const { target, key } = event;
  const step = steps[key];
  if (!step || !(target instanceof HTMLTableCellElement)) return;
  const row = target.parentElement;
  const body = row?.parentElement;
  if (!(row instanceof HTMLTableRowElement) || !(body instanceof HTMLTableSectionElement)) return;
  const next = body.rows[row.sectionRowIndex + step[0]]?.cells[target.cellIndex + step[1]];
  event.preventDefault();
  if (next?.tagName !== "TD") return;
  target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}
