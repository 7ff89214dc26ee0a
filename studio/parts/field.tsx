import { useId } from "preact/hooks";
import type { FieldSchema } from "../messages.js";
import { change, options, preset } from "../state/form.js";
import { words } from "../words/language.js";
import type { FieldName } from "../words/words.js";

/** The label of an option in the language of the page; by default its name in the schema. */
function labelOf(name: string): string {
  const known: Readonly<Record<string, string>> = words.value.fields satisfies Readonly<Record<FieldName, string>>;
  return known[name] ?? name;
}

/** One option of the form. An empty field takes the preset's value. */
export function Field({ field }: { field: FieldSchema }) {
  const id = useId();
  const { name, description } = field;
  const label = labelOf(name);
  if (field.type === "boolean")
    return (
      <div class="field check" title={description}>
        <input
          id={id}
          name={name}
          type="checkbox"
          checked={(options.value[name] ?? preset.value[name]) === true}
          onChange={(event) => change(name, event.currentTarget.checked)}
        />
        <label for={id}>{label}</label>
      </div>
    );
  return (
    <div class="field" title={description}>
      <label for={id}>{label}</label>
      {field.type === "choice" ? <Choice id={id} field={field} /> : <TextInput id={id} field={field} />}
    </div>
  );
}

function Choice({ id, field: { name, choices } }: { id: string; field: FieldSchema }) {
  const { train } = words.value;
  const usual = preset.value[name];
  const isPreset = name === "preset";
  const value = options.value[name] ?? "";
  return (
    <select
      id={id}
      name={name}
      value={String(value)}
      onChange={({ currentTarget }) => change(name, currentTarget.value || undefined)}
    >
      {(value === "" || !isPreset) && (
        <option value="">{usual === undefined ? train.asSuggested : train.preset(String(usual))}</option>
      )}
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice}
        </option>
      ))}
    </select>
  );
}

function TextInput({ id, field: { name, type, minimum, maximum } }: { id: string; field: FieldSchema }) {
  const usual = preset.value[name];
  const value = options.value[name];
  const shared = {
    ...{ id, name, placeholder: usual === undefined ? "–" : String(usual) },
    value: value === undefined ? "" : String(value),
  };
  if (type === "text")
    return (
      <input
        {...shared}
        type="text"
        onInput={({ currentTarget }) => change(name, currentTarget.value === "" ? undefined : currentTarget.value)}
      />
    );
  return (
    <input
      {...shared}
      type="number"
      min={minimum}
      max={maximum}
      step={type === "integer" ? 1 : "any"}
      onInput={({ currentTarget }) =>
        change(name, currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)
      }
    />
  );
}
