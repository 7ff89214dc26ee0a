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
  /** undefined if the field is empty. */
  readonly onValue: (value: number | undefined) => void;
}

/** A field for an optional number. */
export function NumberField({ label, hint, value, onValue, ...limits }: NumberProps) {
  const id = useId();
  /** The text while typing: an emptied field is refilled only on blur. */
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
