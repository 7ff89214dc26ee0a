import { join } from "node:path";
import { writeWhole } from "../../node/files.js";
import { speakEach } from "../../node/speak-digits.js";
import type { Spoken } from "./spoken-digits.js";

/** Writes recordings as files train-00001.wav … into a folder that is there, with a list of each part: train.tsv … */
export async function writeSpoken(folder: string, parts: Readonly<Record<string, readonly Spoken[]>>): Promise<void> {
  for (const [part, spoken] of Object.entries(parts)) {
    const nameOf = (i: number): string => `${part}-${String(i + 1).padStart(5, "0")}.wav`;
    await speakEach(spoken, (wav, _, i) => writeWhole(join(folder, nameOf(i)), wav));
    writeWhole(join(folder, `${part}.tsv`), spoken.map(({ digits }, i) => `${nameOf(i)}\t${digits}\n`).join(""));
  }
}
