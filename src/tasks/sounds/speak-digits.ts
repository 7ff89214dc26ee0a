import * as z from "zod/mini";
import { DataError, OptionError } from "../../engine/errors.js";
import { parseJSON } from "../../files/model-file.js";
import { readSafetensors, writeSafetensors } from "../../files/safetensors.js";
import { readWav } from "../../files/wav.js";
import { SPOKEN } from "../pairs/datasets.js";
import { notify, type Ports, type Speech, type Task } from "../task.js";
import { FrameTask } from "./frame-task.js";
import { BANDS, logMel } from "./log-mel.js";
import type { Recording, Recordings } from "./recordings.js";
import { drawSpoken, type Spoken } from "./spoken-digits.js";

const digits = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

const another = "dataDir names another folder";

/** Number of strings if no other is asked for. */
export const SPOKEN_COUNT = 10_000;

/** Strings: enough for three sets, and few enough for a file that is read as a whole. */
const [LEAST, MOST] = [20, 100_000];

/** Opens strings of digits that a speech synthesizer reads out. */
export function openSpokenDigits(
  { count = SPOKEN_COUNT, seed }: { readonly count?: number | undefined; readonly seed: number },
  ports: Ports,
): Task {
  const read = (): Promise<Recordings> => loadSpokenDigits({ count, seed }, ports);
  const example = { question: "three.wav", command: "espeak-ng -w three.wav three" };
  return new FrameTask({ name: SPOKEN, kind: ".wav", count, read, example }, ports);
}

/**
 * Strings of digits read out by a speech synthesizer, as frames. They are spoken once, several at a time, and kept in the
 * store; all data folders are searched for them first.
 * @throws DataError if there is no synthesizer
 * @throws SeqloomError if they cannot be kept
 */
export async function loadSpokenDigits(
  { count, seed }: { readonly count: number; readonly seed: number },
  ports: Ports,
): Promise<Recordings> {
  expectCount(count);
  const { files, store, speech } = ports;
  const drawn = drawSpoken(count, seed);
  const all = [drawn.train, drawn.valid, drawn.test].flat();
  const name = `spoken-digits-${count}-${seed}.safetensors`;
  const known = files.folders.map((folder) => files.resolve(folder, name));
  let path = known.find((place) => files.kindOf(place) !== undefined);
  if (path === undefined) {
    if (!store || !speech)
      throw new DataError(`${SPOKEN}: expected a speech synthesizer, got none.`, "make them in Node, with espeak-ng");
    path = files.resolve(store.folder, name);
    store.prepare(path, another);
    await speech.check();
    const strings = count.toLocaleString("en");
    notify(ports, "progress", `${speech.name} speaks ${strings} strings, once: they are kept in ${path}`);
    store.write(path, pack(all, await speakAll(all, speech)));
  }
  const recordings = unpack(path, files.read(path, "spoken digits"), all); // after speaking too: the file is rounded
  const [train, valid] = [drawn.train.length, drawn.train.length + drawn.valid.length];
  return {
    train: recordings.slice(0, train),
    valid: recordings.slice(train, valid),
    test: recordings.slice(valid),
  };
}

/** @throws OptionError for a number that is too small for three sets, or too large to be read as a whole */
export function expectCount(count: number): void {
  if (count < LEAST || count > MOST)
    throw new OptionError(
      `spoken-digits: expected a count from ${LEAST} to ${MOST.toLocaleString("en")}, got ${count}.`,
    );
}

/** As float16: half the size, and numbers of at most 20 that are right to 0.01. */
function pack(all: readonly Spoken[], frames: readonly Float32Array[]): Uint8Array {
  const lengths = frames.map(({ length }) => length);
  const data = new Float32Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const each of frames) {
    data.set(each, at);
    at += each.length;
  }
  const tensors = new Map([["frames", { shape: [data.length / BANDS, BANDS], data }]]);
  const metadata = { spoken: JSON.stringify(all), lengths: JSON.stringify(lengths) }; // as float16 they would be rounded
  return writeSafetensors({ metadata, tensors }, "float16");
}

function unpack(path: string, bytes: Uint8Array, all: readonly Spoken[]): Recording[] {
  const { metadata, tensors } = readSafetensors(path, bytes);
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

async function speakAll(all: readonly Spoken[], speech: Speech): Promise<Float32Array[]> {
  const frames: Float32Array[] = [];
  await speakEach(all, speech, (wav, spoken, i) => {
    frames[i] = logMel(spoken.voice, readWav(spoken.voice, wav)).values;
  });
  return frames;
}

/** Speaks strings, several at a time, and hands each over as a WAV file. */
export async function speakEach(
  all: readonly Spoken[],
  speech: Speech,
  take: (wav: Uint8Array, spoken: Spoken, i: number) => void,
): Promise<void> {
  const left = all.entries(); // shared by all workers
  const work = async (): Promise<void> => {
    for (const [i, spoken] of left) take(await speakDigits(spoken, speech), spoken, i);
  };
  await Promise.all(Array.from({ length: speech.parallel }, work));
}

/** A string as a WAV file. */
export function speakDigits({ digits: text, ...how }: Spoken, speech: Speech): Promise<Uint8Array> {
  const words = Array.from(text, (digit) => digits[Number(digit)]).join(" "); // figures might be read as one number
  return speech.speak({ text: words, ...how });
}

/** Speaks strings as files train-00001.wav … with a list of each set: train.tsv … @param write receives each file */
export async function writeSpoken(
  parts: Readonly<Record<string, readonly Spoken[]>>,
  speech: Speech,
  write: (name: string, content: Uint8Array | string) => void,
): Promise<void> {
  for (const [part, spoken] of Object.entries(parts)) {
    const nameOf = (i: number): string => `${part}-${String(i + 1).padStart(5, "0")}.wav`;
    await speakEach(spoken, speech, (wav, _, i) => write(nameOf(i), wav));
    write(`${part}.tsv`, spoken.map(({ digits: text }, i) => `${nameOf(i)}\t${text}\n`).join(""));
  }
}
