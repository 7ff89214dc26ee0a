import { useId, useState } from "preact/hooks";
import type { Inspection, RunRecord } from "../messages.js";
import { RunPicker } from "../parts/run-picker.js";
import { visible } from "../parts/written.js";
import { attempt } from "../state/store.js";
import { words } from "../words/language.js";

/** What goes on in a model while it reads and writes. */
export function InsidePanel() {
  return <RunPicker>{(run) => <Look key={run.id} run={run} />}</RunPicker>;
}

function Look({ run }: { run: RunRecord }) {
  const id = useId();
  const { inside } = words.value;
  const [text, setText] = useState(run.samples[0]?.question ?? "");
  const [seen, setSeen] = useState<Inspection | undefined>(undefined);
  if (run.kind === "text") return <p class="empty">{inside.writers}</p>;
  return (
    <section class="card">
      <h2>{inside.title}</h2>
      <form
        class="ask"
        onSubmit={async (event) => {
          event.preventDefault();
          const found = await attempt("inspect", { run: run.id, text });
          if (found) setSeen(found);
        }}
      >
        <label for={id}>{inside.text}</label>
        <div class="row">
          <input id={id} type="text" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
          <button type="submit" class="main">
            {inside.look}
          </button>
        </div>
      </form>
      {seen && <Maps seen={seen} />}
    </section>
  );
}

function Maps({ seen: { source, target, attention, reading } }: { seen: Inspection }) {
  const { inside } = words.value;
  return (
    <>
      {attention && (
        <HeatMap
          title={inside.attention}
          hint={inside.attentionHint}
          rows={target}
          columns={source}
          values={attention}
        />
      )}
      <HeatMap title={inside.reading} hint={inside.readingHint} rows={source} columns={[]} values={reading} />
    </>
  );
}

interface HeatMapProps {
  readonly title: string;
  readonly hint: string;
  readonly rows: readonly string[];
  /** None: cells without names. */
  readonly columns: readonly string[];
  /** From −1 to 1. */
  readonly values: readonly (readonly number[])[];
}

function HeatMap({ title, hint, rows, columns, values }: HeatMapProps) {
  return (
    <figure class="heat">
      <figcaption>
        <h3>{title}</h3>
        <p class="hint">{hint}</p>
      </figcaption>
      <div class="wide">
        <table class={columns.length > 0 ? "map" : "map fine"}>
          {columns.length > 0 && (
            <thead>
              <tr>
                <td />
                {columns.map((name, c) => (
                  <th key={c} scope="col">
                    {visible(name)}
                  </th>
                ))}
              </tr>
            </thead>
          )}
          <tbody>
            {values.map((row, r) => (
              <tr key={r}>
                <th scope="row">{visible(rows[r] ?? "")}</th>
                {row.map((value, c) => (
                  <td
                    key={c}
                    class={value < 0 ? "below" : "above"}
                    style={{ "--value": Math.abs(value).toFixed(3) }}
                    title={value.toFixed(3)}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}
