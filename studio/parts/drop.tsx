import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { problem } from "../state/store.js";
import { words } from "../words/language.js";
import { size } from "./numbers.js";

interface DropProps {
  readonly accept: string;
  /** Maximum size in bytes; larger files are rejected before they are read. */
  readonly most: number;
  readonly onFile: (file: { name: string; bytes: Uint8Array<ArrayBuffer> }) => void;
  readonly label: string;
  /** A hint for files that are too large. */
  readonly hint?: string;
  /** True if a file can also be pasted anywhere in the page. */
  readonly isPasted?: boolean;
  readonly children?: ComponentChildren;
}

const over = signal<string | undefined>(undefined);

/** A drop zone with a button that opens the file dialog. */
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
      if (!file) return; // pasted text belongs to the focused field
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
