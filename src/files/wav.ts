import { DataError } from "../engine/errors.js";

/** A recording, mixed down to one channel. */
export interface Sound {
  /** Samples per second. */
  readonly rate: number;
  /** In the range −1 to 1. */
  readonly samples: Float32Array;
}

interface Coding {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Codings by format code and bits per sample. */
const codings: Readonly<Record<string, Coding>> = {
  "1/8": { bytes: 1, read: (view, at) => view.getUint8(at) / 128 - 1 },
  "1/16": { bytes: 2, read: (view, at) => view.getInt16(at, true) / 32_768 },
  "1/24": { bytes: 3, read: (view, at) => (view.getInt8(at + 2) * 65_536 + view.getUint16(at, true)) / 8_388_608 },
  "1/32": { bytes: 4, read: (view, at) => view.getInt32(at, true) / 2_147_483_648 },
  "3/32": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "3/64": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
};

/** Format code of files that give the coding in the extension of the format. */
const EXTENSIBLE = 0xfffe;

/** Names of codings in errors. */
const names: Readonly<Record<number, string>> = {
  1: "PCM",
  2: "ADPCM",
  3: "float",
  6: "A-law",
  7: "µ-law",
  17: "IMA ADPCM",
  49: "GSM 6.10",
  85: "MP3",
};

/** Sizes from here on mean that the writer, such as a pipe, did not know the size. */
const UNKNOWN_SIZE = 0x7fff_0000;

/** Command that converts a sound of another format to a file that can be read. */
export function conversionCommand(name: string): string {
  const stem = name.replace(/\.[^./\\]*$/, "");
  const other = name.toLowerCase().endsWith(".wav") ? `${stem}-pcm.wav` : `${stem}.wav`; // ffmpeg reads as it writes
  return `ffmpeg -i ${name} -c:a pcm_s16le ${other} makes one that can be read`;
}

const damaged = "the file is damaged: copy it again, or record it again";

/**
 * Reads a WAV file: PCM of 8 to 32 bits or float of 32 or 64, at any sample rate, with any number of channels.
 *
 * @param name of the file in errors
 * @throws DataError for a file that is cut short or empty, for another coding, and for other formats
 */
export function readWav(name: string, bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 0) throw new DataError(`${name}: expected a WAV file, got an empty file.`, damaged);
  if (tag(bytes, 0) !== "RIFF" || tag(bytes, 8) !== "WAVE")
    throw new DataError(`${name}: expected a WAV file, got a file of another kind.`, conversionCommand(name));
  const parts = findParts(name, bytes, view);
  const { format } = parts;
  if (format.length < 16)
    throw new DataError(`${name}: expected a fmt chunk of at least 16 bytes, got ${format.length}.`, damaged);
  const head = new DataView(format.buffer, format.byteOffset, format.byteLength);
  const [said, channels, rate, bits] = [
    head.getUint16(0, true),
    head.getUint16(2, true),
    head.getUint32(4, true),
    head.getUint16(14, true),
  ];
  const code = said === EXTENSIBLE && format.length >= 26 ? head.getUint16(24, true) : said;
  const coding = codings[`${code}/${bits}`];
  if (!coding)
    throw new DataError(
      `${name}: expected PCM of 8, 16, 24 or 32 bits, or float of 32 or 64, got ${names[code] ?? `coding ${code}`} of ${bits} bits.`,
      conversionCommand(name),
    );
  if (channels === 0 || rate === 0)
    throw new DataError(
      `${name}: expected at least one channel and a sample rate, got ${channels} channels at ${rate} Hz.`,
      damaged,
    );
  const count = Math.floor(parts.data.length / (coding.bytes * channels));
  if (count === 0) throw new DataError(`${name}: expected samples, got none.`, damaged);
  return { rate, samples: mixDown(name, parts.data, coding, channels, count) };
}

/** Finds the chunks with the format and the samples; other chunks are skipped. */
function findParts(name: string, bytes: Uint8Array, view: DataView): { format: Uint8Array; data: Uint8Array } {
  let format: Uint8Array | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const [id, size] = [tag(bytes, at), view.getUint32(at + 4, true)];
    const [from, to] = [at + 8, at + 8 + size];
    const isEndless = id === "data" && size >= UNKNOWN_SIZE;
    if (to > bytes.length && !isEndless)
      throw new DataError(
        `${name}: expected ${size} bytes of ${id === "data" ? "samples" : "header"}, got ${bytes.length - from}: the file is cut short.`,
        damaged,
      );
    if (id === "fmt ") format = bytes.subarray(from, to);
    if (id === "data" && format) return { format, data: bytes.subarray(from, Math.min(to, bytes.length)) };
    at = to + (size % 2); // chunks start at even positions
  }
  throw new DataError(`${name}: expected a fmt and a data chunk, got a file that ends before them.`, damaged);
}

function mixDown(name: string, data: Uint8Array, { bytes, read }: Coding, channels: number, count: number) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const samples = new Float32Array(count);
  for (let i = 0, at = 0; i < count; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++, at += bytes) sum += read(view, at);
    if (!Number.isFinite(sum))
      throw new DataError(`${name}: expected finite numbers, got ${sum} at sample ${i + 1}.`, damaged);
    samples[i] = sum / channels;
  }
  return samples;
}

const tag = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
