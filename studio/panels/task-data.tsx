import { useId } from "preact/hooks";
import { Drop } from "../parts/drop.js";
import { size } from "../parts/numbers.js";
import { count, digits, dropped, pasted, taskKind } from "../state/form.js";
import { problem } from "../state/store.js";
import { words } from "../words/language.js";

/** Maximum size of a data file in bytes, so that data and model fit a phone's memory. */
const MOST_BYTES = 64e6;

/** The data fields of the selected task. */
export function TaskData() {
  const kind = taskKind.value;
  if (kind === "text" || kind === "pairs") return <Own kind={kind} />;
  return <Made hasDigits={kind === "addition"} />;
}

function Made({ hasDigits }: { hasDigits: boolean }) {
  const id = useId();
  const { train } = words.value;
  return (
    <div class="fields">
      {hasDigits && (
        <div class="field">
          <label for={`${id}-digits`}>{train.digits}</label>
          <input
            id={`${id}-digits`}
            name="digits"
            type="number"
            min={1}
            max={9}
            required
            value={Number.isNaN(digits.value) ? "" : digits.value}
            onInput={({ currentTarget }) => {
              digits.value = currentTarget.valueAsNumber;
            }}
          />
        </div>
      )}
      <div class="field" title={train.countHint}>
        <label for={`${id}-count`}>{train.count}</label>
        <input
          id={`${id}-count`}
          name="count"
          type="number"
          min={2}
          max={500_000}
          placeholder="50000"
          value={count.value ?? ""}
          onInput={({ currentTarget }) => {
            count.value = currentTarget.value === "" ? undefined : currentTarget.valueAsNumber;
          }}
        />
      </div>
    </div>
  );
}

const accepted = { text: ".txt,.md,text/*", pairs: ".tsv,.csv,.jsonl,.ndjson,.txt,text/*" } as const;

function Own({ kind }: { kind: "text" | "pairs" }) {
  const id = useId();
  const { train } = words.value;
  const file = dropped.value[kind];
  return (
    <Drop accept={accepted[kind]} most={MOST_BYTES} label={train.choose} onFile={(chosen) => takeFile(kind, chosen)}>
      <label for={id}>{train[kind]}</label>
      {file ? (
        <p class="row">
          <span>{train.dropped(file.name, size(file.bytes.length))}</span>
          <button
            type="button"
            class="quiet"
            onClick={() => {
              dropped.value = { ...dropped.value, [kind]: undefined };
            }}
          >
            {train.remove}
          </button>
        </p>
      ) : (
        <textarea
          id={id}
          rows={7}
          spellcheck={false}
          placeholder={kind === "pairs" ? "cat\tgato\ndog\tperro" : ""}
          value={pasted.value[kind]}
          onInput={({ currentTarget }) => {
            pasted.value = { ...pasted.value, [kind]: currentTarget.value };
          }}
        />
      )}
      <p class="hint">{kind === "text" ? train.textHint : train.pairsHint}</p>
    </Drop>
  );
}

/** Accepts a text file; a binary file is recognized by its beginning and rejected. */
function takeFile(kind: "text" | "pairs", file: { name: string; bytes: Uint8Array }): void {
  const head = file.bytes.subarray(0, 4096);
  const { noText, noTextHint } = words.value.errors;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    if (text.includes("\0")) throw new Error("not a text");
    dropped.value = { ...dropped.value, [kind]: file };
  } catch {
    problem.value = { message: noText(file.name), hint: noTextHint };
  }
}
