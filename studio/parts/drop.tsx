import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { problem } from "../state/store.js";
import { words } from "../words/language.js";
import { size } from "./numbers.js";

interface DropProps {
  readonly accept: string;
  /** Bytes at most: what is larger is refused before it is read. */
  readonly most: number;
  readonly onFile: (file: { name: string; bytes: Uint8Array<ArrayBuffer> }) => void;
  readonly label: string;
  /** What to do with a file that is too large. */
  readonly hint?: string;
  /** Whether a file may be pasted, too, wherever in the page. */
  readonly isPasted?: boolean;
  readonly children?: ComponentChildren;
}

const over = signal<string | undefined>(undefined);

/** A place to drop a file on, or to choose one. */
export function Drop({ accept, most, onFile, label, hint, isPasted, children }: DropProps) {
  const id = useId();
  const take = async (file: File | undefined): Promise<void> => {
    over.value = undefined;
    if (!file) return;
    const { errors } = words.value;
    problem.value = undefined;
    if (file.size > most) {
      problem.value = {
        message: errors.tooLarge(file.name, size(file.size), size(most)),
        hint: hint ?? errors.tooLargeHint,
      };
      return;
    }
    onFile({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  };
  useEffect(() => {
    if (!isPasted) return;
    const paste = (event: ClipboardEvent): void => {
      const file = event.clipboardData?.files[0];
      if (!file) return; // a text belongs into the field that has the focus
      event.preventDefault();
      void take(file);
    };
    document.addEventListener("paste", paste);
    return () => document.removeEventListener("paste", paste);
  });
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
