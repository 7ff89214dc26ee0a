import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { problem } from "../state/store.js";
import { words } from "../words/language.js";
import { size } from "./numbers.js";

interface DropProps {
  readonly accept: string;
  /** Bytes at most: what is larger is refused before it is read. */
  readonly most: number;
  readonly onFile: (file: { name: string; bytes: Uint8Array }) => void;
  readonly label: string;
  readonly children?: ComponentChildren;
}

const over = signal<string | undefined>(undefined);

/** A place to drop a file on, or to choose one. */
export function Drop({ accept, most, onFile, label, children }: DropProps) {
  const id = useId();
  const take = async (file: File | undefined): Promise<void> => {
    over.value = undefined;
    if (!file) return;
    const { errors } = words.value;
    problem.value = undefined;
    if (file.size > most) {
      problem.value = { message: errors.tooLarge(file.name, size(file.size), size(most)), hint: errors.tooLargeHint };
      return;
    }
    onFile({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  return (
    <fieldset
      aria-label={label}
      class={over.value === id ? "drop over" : "drop"}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = id;
      }}
      onDragLeave={() => {
        over.value = undefined;
      }}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {children}
      <label class="button quiet" for={id}>
        {label}
      </label>
      <input
        id={id}
        class="away"
        type="file"
        accept={accept}
        onChange={({ currentTarget }) => {
          void take(currentTarget.files?.[0]);
          currentTarget.value = "";
        }}
      />
    </fieldset>
  );
}
