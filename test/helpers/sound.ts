import { readFileSync } from "node:fs";
import * as z from "zod/mini";

const Recorded = z.object({
  mels: z.array(
    z.object({
      ...{ name: z.string(), rate: z.int(), samples: z.array(z.int()) },
      ...{ shape: z.tuple([z.int(), z.int()]), data: z.array(z.number()) },
    }),
  ),
  arrays: z.array(z.object({ type: z.string(), file: z.string() })),
  refused: z.record(z.string(), z.string()),
});

/** What test/fixtures/log-mel.py recorded: frames, and matrices as NumPy saves them. */
export const readSounds = () =>
  z.parse(Recorded, JSON.parse(readFileSync(new URL("../fixtures/log-mel.json", import.meta.url), "utf8")));

/** Bytes of a file that stands in a fixture. */
export const fromBase64 = (text = ""): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));

interface WavParts {
  readonly code?: number;
  readonly bits?: number;
  readonly channels?: number;
  readonly rate?: number;
  /** What stands before the sound, each with its four letters. */
  readonly before?: readonly (readonly [string, Uint8Array])[];
  /** What the header says of the sound's bytes. */
  readonly size?: number;
  /** The format's chunk, where it is another. */
  readonly format?: Uint8Array;
}

/** A WAV file with these bytes of sound. */
export function makeWav(sound: Uint8Array, parts: WavParts = {}): Uint8Array {
  const { code = 1, bits = 16, channels = 1, rate = 16_000, before = [], size = sound.length } = parts;
  const format = parts.format ?? wavFormat(code, channels, rate, bits);
  const chunks = [["fmt ", format] as const, ...before].flatMap(([name, data]) => chunk(name, data, data.length));
  return joinBytes([letters("RIFF"), word(0), letters("WAVE"), ...chunks, ...chunk("data", sound, size)]);
}

/** A WAV file's format: 16 bytes, and after them whatever else there is to say. */
export function wavFormat(code: number, channels: number, rate: number, bits: number, more: number[] = []): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, code, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, rate, true);
  view.setUint32(8, (rate * channels * bits) / 8, true);
  view.setUint16(12, (channels * bits) / 8, true);
  view.setUint16(14, bits, true);
  return joinBytes([new Uint8Array(view.buffer), Uint8Array.from(more)]);
}

/** Samples as the bytes of 16-bit PCM. */
export function pcm16(samples: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * samples.length));
  for (const [i, sample] of samples.entries()) view.setInt16(2 * i, sample, true);
  return new Uint8Array(view.buffer);
}

/** Samples as the bytes of floats. */
export function float32(samples: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * samples.length));
  for (const [i, sample] of samples.entries()) view.setFloat32(4 * i, sample, true);
  return new Uint8Array(view.buffer);
}

/** A tone as a WAV file. */
export function makeTone(hertz: number, seconds: number, rate = 8000): Uint8Array {
  const sample = (_: unknown, i: number): number => Math.round(16_000 * Math.sin((2 * Math.PI * hertz * i) / rate));
  return makeWav(pcm16(Array.from({ length: Math.round(rate * seconds) }, sample)), { rate });
}

/** A matrix of float32 as `numpy.save` writes it. */
export function makeNpy(width: number, values: readonly number[]): Uint8Array {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length / width}, ${width}), }`;
  const text = `${header.padEnd(117)}\n`;
  return joinBytes([letters("\x93NUMPY\x01\x00"), Uint8Array.of(text.length, 0), letters(text), float32(values)]);
}

function chunk(name: string, data: Uint8Array, size: number): Uint8Array[] {
  return [letters(name), word(size), data, new Uint8Array(data.length % 2)];
}

const letters = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
const word = (n: number): Uint8Array => new Uint8Array(Uint32Array.of(n).buffer);
const joinBytes = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
