import * as z from "zod/mini";
import { DataError } from "../engine/errors.js";
import {
  type Dtype,
  dtypes,
  type NamedArray,
  type StoredArray,
  scaleOf,
  type WeightForm,
  weightForms,
} from "./dtypes.js";

/** Contents of a .safetensors file. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedArray>;
}

const Entry = z.object({
  dtype: z.string(),
  shape: z.array(z.int().check(z.minimum(0))),
  data_offsets: z.tuple([z.int().check(z.minimum(0)), z.int().check(z.minimum(0))]),
});
const Header = z.record(z.string(), z.unknown());
const Metadata = z.record(z.string(), z.string());

/**
 * Encodes tensors and metadata as a file: 8 bytes with the length of the header, the header in JSON, the data.
 *
 * Source: the safetensors format (Hugging Face).
 * @param weights form of the tensors with two dimensions or more; the others, such as biases, are always float32
 * @throws DataError if a number is too large for the form
 */
export function writeSafetensors({ metadata, tensors }: Safetensors, weights: WeightForm = "float32"): Uint8Array {
  const stored = [...tensors]
    .flatMap(([name, array]): StoredArray[] => weightForms[array.shape.length > 1 ? weights : "float32"](name, array))
    .sort((a, b) => dtypes[b.dtype].bytes - dtypes[a.dtype].bytes); // so that each starts at a multiple of its number size
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const { name, dtype, shape, numbers } of stored) {
    header[name] = { dtype, shape, data_offsets: [end, end + numbers.byteLength] };
    end += numbers.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // blanks after the JSON align the data
  const bytes = new Uint8Array(8 + length + end).fill(32, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const { numbers } of stored) {
    bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), at);
    swapBytes(bytes.subarray(at, at + numbers.byteLength), numbers.BYTES_PER_ELEMENT);
    at += numbers.byteLength;
  }
  return bytes;
}

const BRACE = 0x7b; // first byte of a header, in a file that is cut short too

/**
 * Reads a file. All tensors become float32: those of float16 and bfloat16, and those of int8 with scales, too.
 *
 * @param name of the file in errors
 * @throws DataError if the file is damaged or of another format; memory is allocated only for data that are there
 */
export function readSafetensors(name: string, bytes: Uint8Array): Safetensors {
  const hint = "the file is damaged, cut short, or no .safetensors file";
  if (bytes.length < 8) throw new DataError(`${name}: expected a .safetensors file, got ${bytes.length} bytes.`, hint);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8 && bytes[8] !== BRACE)
    throw new DataError(`${name}: expected a .safetensors file, got something else.`, hint);
  if (length > bytes.length - 8)
    throw new DataError(`${name}: expected a header of ${length} bytes, got a file of ${bytes.length}.`, hint);
  const header = parseHeader(name, bytes.subarray(8, 8 + length), hint);
  const start = 8 + length;
  const available = bytes.length - start;
  const entries: { tensor: string; dtype: Dtype; shape: readonly number[]; from: number; to: number }[] = [];
  for (const [tensor, value] of Object.entries(header)) {
    if (tensor === "__metadata__") continue;
    const entry = z.safeParse(Entry, value);
    if (!entry.success)
      throw new DataError(`${name}: ${tensor}: expected dtype, shape and data_offsets, got another entry.`, hint);
    const { dtype, shape, data_offsets } = entry.data;
    const [from, to] = data_offsets;
    if (!isDtype(dtype))
      throw new DataError(`${name}: ${tensor}: expected one of ${Object.keys(dtypes).join(", ")}, got ${dtype}.`);
    const size = dtypes[dtype].bytes * shape.reduce((product, n) => product * n, 1);
    if (to > available)
      throw new DataError(
        `${name}: ${tensor}: expected data up to byte ${start + to}, got a file of ${bytes.length}.`,
        hint,
      );
    if (to - from !== size)
      throw new DataError(
        `${name}: ${tensor}: expected ${size} bytes for shape (${shape.join(", ")}), got ${to - from}.`,
        hint,
      );
    entries.push({ tensor, dtype, shape, from, to });
  }
  let end = 0;
  for (const { from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw new DataError(`${name}: expected tensor data from byte ${end} on, got ${from}.`, hint);
    end = to;
  }
  if (end !== available) throw new DataError(`${name}: expected ${start + end} bytes, got ${bytes.length}.`, hint);
  const metadata = z.safeParse(Metadata, header["__metadata__"] ?? {});
  if (!metadata.success) throw new DataError(`${name}: expected metadata of strings, got other values.`, hint);
  // Copied after the checks: overlapping tensors could claim the same bytes a million times.
  const read = entries.map(({ tensor, dtype, shape, from, to }) => {
    return { tensor, dtype, array: { shape, data: readFloats(bytes.subarray(start + from, start + to), dtype) } };
  });
  const tensors = new Map(read.map(({ tensor, array }) => [tensor, array]));
  for (const { tensor, dtype, array } of read) {
    if (dtype !== "I8") continue;
    applyScales(`${name}: ${scaleOf(tensor)}`, array, tensors.get(scaleOf(tensor)), hint);
    tensors.delete(scaleOf(tensor));
  }
  return { metadata: metadata.data, tensors };
}

const isDtype = (name: string): name is Dtype => Object.hasOwn(dtypes, name);

function parseHeader(name: string, bytes: Uint8Array, hint: string): Record<string, unknown> {
  try {
    return z.parse(Header, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    throw new DataError(`${name}: expected a header in JSON, got something else.`, hint);
  }
}

function readFloats(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const copy = new Uint8Array(bytes); // slice would share the memory of a Node Buffer
  swapBytes(copy, dtypes[dtype].bytes);
  return dtypes[dtype].read(copy.buffer);
}

/** Multiplies each row of an array by its scale. @param where name of the scales in errors */
function applyScales(where: string, { shape, data }: NamedArray, scales: NamedArray | undefined, hint: string): void {
  const rows = shape.slice(0, 1).join();
  if (scales?.shape.join() !== rows)
    throw new DataError(
      `${where}: expected shape (${rows}), got ${scales ? `(${scales.shape.join(", ")})` : "no such array"}.`,
      hint,
    );
  const columns = data.length / scales.data.length;
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) * (scales.data[Math.floor(i / columns)] ?? 0);
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Converts between the byte order of the file, little-endian, and that of this machine. */
function swapBytes(bytes: Uint8Array, size: number): void {
  if (!isLittleEndian) for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse();
}
