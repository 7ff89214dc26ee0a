import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import * as z from "zod/mini";
import { DataError, OptionError } from "../engine/errors.js";
import { parseJSON } from "../files/model-file.js";
import { readSafetensors, writeSafetensors } from "../files/safetensors.js";
import { readWav } from "../files/wav.js";
import { BANDS, logMel } from "../tasks/sounds/log-mel.js";
import type { Recording, Recordings } from "../tasks/sounds/recordings.js";
import { drawSpoken, type Spoken } from "../tasks/sounds/spoken-digits.js";
import { dataFolders, userDataFolder } from "./datasets.js";
import { expectWritable, makeFolder, readBytes, reason, writeWhole } from "./files.js";

const PROGRAM = "espeak-ng";
const digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const another = "--data-dir names another folder";

/** How many are spoken where nothing is said. */
export const SPOKEN_COUNT = 10_000;

/** Strings: enough for three parts, and no more than a file that is read whole. */
const [LEAST, MOST] = [20, 100_000];

/**
 * Strings of digits spoken by espeak-ng, as frames. They are spoken once, in as many processes as there are cores, and kept
 * in `dataDir` or the user's data folder; they are looked for in $SEQLOOM_DATA too.
 * @param say is told that it takes a while
 * @throws DataError where there is no espeak-ng
 * @throws SeqloomError where they cannot be kept
 */
export async function loadSpokenDigits(
  { count, seed, dataDir }: { count: number; seed: number; dataDir?: string | undefined },
  say: (words: string) => void = () => {},
): Promise<Recordings> {
  expectCount(count);
  const drawn = drawSpoken(count, seed);
  const all = [drawn.train, drawn.valid, drawn.test].flat();
  const name = `spoken-digits-${count}-${seed}.safetensors`;
  const known = dataFolders(dataDir).map((folder) => join(folder, name));
  const path = known.find((place) => existsSync(place)) ?? join(dataDir ?? userDataFolder(), name);
  if (!existsSync(path)) {
    makeFolder(dirname(path), another);
    expectWritable(path, another);
    await askProgram(["--version"]);
    say(`${PROGRAM} speaks ${count.toLocaleString("en")} strings, once: they are kept in ${path}`);
    keep(path, all, await speakAll(all));
  }
  const recordings = readKept(path, all); // after speaking too: what is kept is rounded
  const [train, valid] = [drawn.train.length, drawn.train.length + drawn.valid.length];
  return {
    train: recordings.slice(0, train),
    valid: recordings.slice(train, valid),
    test: recordings.slice(valid),
  };
}

/** @throws OptionError where there would be too few for three parts, or too many to be read whole */
export function expectCount(count: number): void {
  if (count < LEAST || count > MOST)
    throw new OptionError(
      `spoken-digits: expected a count from ${LEAST} to ${MOST.toLocaleString("en")}, got ${count}.`,
    );
}

/** As float16: a file of half the size, and numbers of at most 20 that are right to 0.01. */
function keep(path: string, all: readonly Spoken[], frames: readonly Float32Array[]): void {
  const lengths = frames.map(({ length }) => length);
  const data = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const each of frames) {
    data.set(each, at);
    at += each.length;
  }
  const tensors = new Map([["frames", { shape: [data.length / BANDS, BANDS], data }]]);
  const metadata = { spoken: JSON.stringify(all), lengths: JSON.stringify(lengths) }; // as float16 they would be rounded
  writeWhole(path, writeSafetensors({ metadata, tensors }, "float16"));
}

function readKept(path: string, all: readonly Spoken[]): Recording[] {
  const { metadata, tensors } = readSafetensors(path, readBytes(path, "spoken digits"));
  const frames = tensors.get("frames")?.data;
  const parsed = z.safeParse(z.array(z.number()), parseJSON(metadata["lengths"]));
  const lengths = parsed.success ? parsed.data : [];
  if (!frames || lengths.length !== all.length || metadata["spoken"] !== JSON.stringify(all))
    throw new DataError(`${path}: expected the strings that this version draws, got others.`, "remove the file");
  let end = 0;
  return all.map(({ digits: text, voice }, i) => {
    const from = end;
    end += lengths[i] ?? 0;
    return { file: `${i + 1} ${voice}`, text, frames: { width: BANDS, values: frames.subarray(from, end) } };
  });
}

async function speakAll(all: readonly Spoken[]): Promise<Float32Array[]> {
  const frames: Float32Array[] = [];
  await speakEach(all, (wav, spoken, i) => {
    frames[i] = logMel(spoken.voice, readWav(spoken.voice, wav)).values;
  });
  return frames;
}

/** Has strings spoken, in as many processes as there are cores, and hands each over as a WAV file. */
export async function speakEach(
  all: readonly Spoken[],
  take: (wav: Uint8Array, spoken: Spoken, i: number) => void,
): Promise<void> {
  const left = all.entries(); // all processes take from it
  const work = async (): Promise<void> => {
    for (const [i, spoken] of left) take(await speak(spoken), spoken, i);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** A string as a WAV file. */
export async function speak({ digits: text, voice, speed, pitch, gap }: Spoken): Promise<Uint8Array> {
  const said = Array.from(text, (digit) => digits[Number(digit)]).join(" "); // as figures they might be read as a number
  return askProgram(["-v", voice, "-s", speed, "-p", pitch, "-g", gap, "--stdout", said].map(String));
}

/** What the program writes. @throws DataError where it is missing or fails */
async function askProgram(how: readonly string[]): Promise<Uint8Array> {
  try {
    return (await promisify(execFile)(PROGRAM, how, { encoding: "buffer", maxBuffer: 2 ** 28 })).stdout;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new DataError(
      `spoken-digits: expected the program ${PROGRAM} to speak them, got ${isMissing ? "no such program" : reason(cause)}.`,
      `install it: apt install ${PROGRAM}, or brew install ${PROGRAM}`,
    );
  }
}
