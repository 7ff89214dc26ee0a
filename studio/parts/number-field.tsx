import { useId } from "preact/hooks";

interface NumberProps {
  readonly name?: string;
  readonly label: string;
  readonly hint?: string;
  readonly min: number;
  readonly max?: number;
  readonly step: number;
  readonly placeholder?: string;
  readonly value: number | undefined;
  /** undefined: the field is empty. */
  readonly onValue: (value: number | undefined) => void;
}

/** A number that may be left out. */
export function NumberField({ label, hint, value, onValue, ...limits }: NumberProps) {
  const id = useId();
  return (
    <div class="field" title={hint}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        {...limits}
        value={value ?? ""}
        onInput={({ currentTarget }) => onValue(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber)}
      />
    </div>
  );
}
