import { join } from "node:path";
import { makeFolder, writeWhole } from "../node/files.js";
import { espeak } from "../node/speech.js";
import { expectCount, SPOKEN_COUNT, writeSpoken } from "../tasks/sounds/speak-digits.js";
import { drawSpoken } from "../tasks/sounds/spoken-digits.js";
import { grouped, type Output } from "./output.js";
import { expectPlaces } from "./places.js";

/** Options of `seqloom data spoken-digits`. */
export interface SpokenRequest {
  readonly count?: number | undefined;
  readonly seed: number;
  /** A folder for the recordings. */
  readonly write?: string | undefined;
  readonly force: boolean;
}

/** Shows samples of the generator, and writes the recordings to a folder if one is given. */
export async function showSpoken({ count = SPOKEN_COUNT, seed, write, force }: SpokenRequest, output: Output) {
  expectCount(count);
  const parts = drawSpoken(count, seed);
  if (write !== undefined) {
    makeFolder(write);
    const lists = Object.keys(parts).map((part) => `${write}/${part}.tsv`);
    expectPlaces(lists, { names: [] }, force, "choose another folder");
  }
  const counts = Object.fromEntries(Object.entries(parts).map(([part, list]) => [part, list.length]));
  const samples = parts.train.slice(0, 3);
  const words = [
    ...Object.entries(parts).map(
      ([part, list]) =>
        `${part.padEnd(5)}  ${grouped(list.length)} strings by ${new Set(list.map(({ voice }) => voice)).size} voices`,
    ),
    ...samples.map(
      ({ digits, voice, speed, pitch }) => `${digits.padEnd(5)}  ${voice}, speed ${speed}, pitch ${pitch}`,
    ),
  ];
  output.result({ kind: "dataset", name: "spoken-digits", recordings: counts, samples }, words.join("\n"));
  if (write === undefined) return;
  await writeSpoken(parts, espeak, (file, content) => writeWhole(join(write, file), content));
  output.result({ kind: "saved", path: write, why: "recordings" }, undefined);
  output.message(`${grouped(count)} recordings and a list for each set in ${write}`);
}
