import { useId, useState } from "preact/hooks";

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
  /** What is being typed: an emptied field is not filled again before it is left. */
  const [typed, setTyped] = useState<string>();
  return (
    <div class="field" title={hint}>
      <label for={id}>{label}</label>
      <input
        id={id}
        type="number"
        {...limits}
        value={typed ?? value ?? ""}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          onValue(currentTarget.value === "" ? undefined : currentTarget.valueAsNumber);
        }}
        onBlur={() => setTyped(undefined)}
      />
    </div>
  );
}
