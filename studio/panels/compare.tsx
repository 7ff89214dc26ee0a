import { signal } from "@preact/signals";
import type { RunRecord } from "../messages.js";
import { Chart, type Line } from "../parts/chart.js";
import { clock, fixed, percent, significant } from "../parts/numbers.js";
import { forget } from "../state/queue.js";
import { choose, runList, runs } from "../state/store.js";
import { words } from "../words/language.js";
import { CompareBook } from "./compare-book.js";

/** Runs that are hidden in the charts. */
const hidden = signal<ReadonlySet<string>>(new Set());

function toggle(run: string): void {
  const next = new Set(hidden.value);
  if (!next.delete(run)) next.add(run);
  hidden.value = next;
}

/** Hides all current runs in the charts, so that only new ones appear. */
function hideAll(): void {
  hidden.value = new Set(runs.value.keys());
}

/** A table of all runs, and charts of the selected ones. */
export function ComparePanel() {
  const { compare } = words.value;
  const list = runList.value;
  const colours = new Map(list.map((run, i) => [run.id, list.length - i]));
  const shown = list.filter((run) => !hidden.value.has(run.id));
  return (
    <>
      <CompareBook onStart={hideAll} />
      {list.length === 0 ? (
        <p class="empty">{compare.none}</p>
      ) : (
        <>
          <Charts runs={shown} colours={colours} />
          <section class="card">
            <h2>{compare.title}</h2>
            <p class="hint">{compare.kept}</p>
            <div class="wide">
              <Table runs={list} colours={colours} />
            </div>
          </section>
        </>
      )}
    </>
  );
}

interface RunsProps {
  readonly runs: readonly RunRecord[];
  readonly colours: ReadonlyMap<string, number>;
}

function Charts({ runs, colours }: RunsProps) {
  const { charts } = words.value;
  const line = (run: RunRecord, ys: (number | undefined)[]): Line => {
    const kept = run.evaluations.map(({ epoch }, i) => ({ epoch, y: ys[i] })).filter(({ y }) => y !== undefined);
    const [xs, values] = [kept.map(({ epoch }) => epoch), kept.map(({ y }) => y ?? 0)];
    return { name: run.name, colour: colours.get(run.id) ?? 1, xs, ys: values };
  };
  const right = runs.map((run) =>
    line(
      run,
      run.evaluations.map(({ exactMatch }) => exactMatch),
    ),
  );
  const loss = runs.map((run) =>
    line(
      run,
      run.evaluations.map((evaluation) => evaluation.loss),
    ),
  );
  return (
    <div class="charts">
      {right.some(({ xs }) => xs.length > 0) && (
        <section class="card">
          <Chart title={charts.accuracy} hint={charts.accuracyHint} x={charts.epoch} lines={right} isShare />
        </section>
      )}
      <section class="card">
        <Chart title={charts.loss} hint={charts.lossByEpoch} x={charts.epoch} lines={loss} waiting={charts.waiting} />
      </section>
    </div>
  );
}

function Table({ runs, colours }: RunsProps) {
  const { compare, figures, status } = words.value;
  return (
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">{compare.show}</th>
          <th scope="col">{figures.run}</th>
          <th scope="col">{figures.state}</th>
          <th scope="col">{figures.right}</th>
          <th scope="col">{figures.loss}</th>
          <th scope="col">{figures.perplexity}</th>
          <th scope="col">{figures.epoch}</th>
          <th scope="col">{figures.time}</th>
          <th scope="col" aria-label={compare.forget} />
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => {
          const last = run.evaluations.at(-1);
          return (
            <tr key={run.id}>
              <td>
                <input
                  type="checkbox"
                  aria-label={`${compare.show}: ${run.name}`}
                  checked={!hidden.value.has(run.id)}
                  onChange={() => toggle(run.id)}
                  style={{ accentColor: `var(--line-${(((colours.get(run.id) ?? 1) - 1) % 6) + 1})` }}
                />
              </td>
              <td>
                <button
                  type="button"
                  class="link"
                  onClick={() => {
                    choose(run.id);
                    location.hash = "train";
                  }}
                >
                  {run.name}
                </button>
              </td>
              <td>{status[run.status]}</td>
              <td>{last?.exactMatch === undefined ? "" : percent(last.exactMatch)}</td>
              <td>{last ? fixed(last.loss) : ""}</td>
              <td>{last ? significant(last.perplexity) : ""}</td>
              <td>{figures.epochOf(run.epoch, run.epochs)}</td>
              <td>{clock(run.seconds)}</td>
              <td>
                <button
                  type="button"
                  class="quiet"
                  aria-label={`${compare.forget}: ${run.name}`}
                  onClick={() => void forget(run.id)}
                >
                  {compare.forget}
                </button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
