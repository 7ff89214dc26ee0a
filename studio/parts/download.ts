import type { RunRecord } from "../messages.js";

/** addition-peeky-reversed.html */
export function fileNameOf({ name }: Pick<RunRecord, "name">, ending: string): string {
  const stem = name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "-");
  return `${stem.replace(/^-|-$/g, "")}.${ending}`;
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: BlobPart, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
