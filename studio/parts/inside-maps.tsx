import { useCallback, useMemo } from "preact/hooks";
import type { DigitCells, Inspection } from "../messages.js";
import { words } from "../words/language.js";
import { type ColumnGroup, HeatMap } from "./heat-map.js";
import { percent, signed, wholePercent } from "./numbers.js";
import { visible } from "./written.js";

/** Smallest share of variance that counts: with 500 sums, chance alone explains a few percent. */
const LEAST = 0.1;
/** Number of units listed for each digit. */
const NAMED = 3;

/** Heat maps of the attention weights and the hidden states, and a table of the units that encode digits. */
export function InsideMaps({
  seen: { source, given, target, attention, reading, writing, digits },
}: {
  seen: Inspection;
}) {
  const { inside } = words.value;
  const [read, written] = useMemo(() => [source.map(visible), target.map(visible)], [source, target]);
  const pairs = useMemo(
    () => target.map((token, t) => `${visible(given[t] ?? "")} → ${visible(token)}`),
    [given, target],
  );
  const { order, groups } = useMemo(
    () => arrange(digits, reading[0]?.length ?? 0, words.value),
    [digits, reading, words.value],
  );
  const sayLook = useCallback(
    (t: number, s: number, share: number) => inside.attentionAt(written[t] ?? "", read[s] ?? "", percent(share)),
    [inside, read, written],
  );
  return (
    <>
      <p class="read-written">
        <span>{source.join("")}</span> → <output>{target.join("")}</output>
      </p>
      <div class="maps">
        {" "}
        {attention && (
          <HeatMap
            title={inside.attention}
            hint={inside.attentionHint}
            rows={written}
            columns={read}
            values={attention}
            say={sayLook}
          />
        )}
        <States title={inside.reading} hint={inside.readingHint} rows={read} {...{ values: reading, order, groups }} />
        <States title={inside.writing} hint={inside.writingHint} rows={pairs} {...{ values: writing, order, groups }} />
      </div>{" "}
      {digits && <Digits digits={digits} />}
    </>
  );
}

interface StatesProps {
  readonly title: string;
  readonly hint: string;
  readonly rows: readonly string[];
  readonly values: readonly (readonly number[])[];
  readonly order: readonly number[];
  readonly groups: readonly ColumnGroup[] | undefined;
}

/** A heat map of hidden states, its columns sorted by the digits that the units encode. */
function States({ title, hint, rows, values, order, groups }: StatesProps) {
  const { inside } = words.value;
  const ordered = useMemo(() => values.map((row) => order.map((cell) => row[cell] ?? 0)), [values, order]);
  const say = useCallback(
    (r: number, c: number, value: number) => inside.cellAt(rows[r] ?? "", (order[c] ?? 0) + 1, signed(value)),
    [inside, rows, order],
  );
  return <HeatMap {...{ title, hint, rows, say }} values={ordered} {...(groups && { groups })} />;
}

/** The units grouped by the digit that explains most of their variance, the ones first; units without a digit come last. */
function arrange(digits: readonly DigitCells[] | undefined, H: number, { inside }: typeof words.value) {
  const all = Array.from({ length: H }, (_, cell) => cell);
  if (!digits) return { order: all, groups: undefined };
  const most = all.map((cell) => Math.max(...digits.map((digit) => shareOf(digit, cell))));
  const carrying = digits.map((digit) => ({
    name: inside.place(digit.place),
    cells: digit.cells.filter(({ cell, share }) => share >= LEAST && share === most[cell]).map(({ cell }) => cell),
  }));
  const named = new Set(carrying.flatMap(({ cells }) => cells));
  const others = { name: inside.noDigit, cells: all.filter((cell) => !named.has(cell)) };
  const parts = [...carrying, others].filter(({ cells }) => cells.length > 0);
  return {
    order: parts.flatMap(({ cells }) => cells),
    groups: parts.map(({ name, cells }) => ({ name, count: cells.length })),
  };
}

function shareOf({ cells }: DigitCells, cell: number): number {
  return cells.find((each) => each.cell === cell)?.share ?? 0;
}

function Digits({ digits }: { digits: readonly DigitCells[] }) {
  const { inside } = words.value;
  return (
    <section class="heat">
      <h3>{inside.digits}</h3>
      <p class="hint">{inside.digitsHint}</p>
      <div class="wide">
        <table class="runs digits">
          <thead>
            <tr>
              <th scope="col">{inside.digit}</th>
              <th scope="col">{inside.howMany}</th>
              <th scope="col">{inside.best}</th>
            </tr>
          </thead>
          <tbody>
            {digits.map(({ place, cells }) => (
              <tr key={place}>
                <th scope="row">{inside.place(place)}</th>
                <td>{cells.filter(({ share }) => share >= LEAST).length}</td>
                <td>
                  {cells.slice(0, NAMED).map(({ cell, share }) => (
                    <span key={cell} class="best">
                      {cell + 1} <span class="hint">{wholePercent(share)}</span>
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
