import * as z from "zod/mini";
import { DataError } from "../errors.js";

/** A named float32 array. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a .safetensors file holds. */
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
 * The bytes of a file with these tensors and this metadata: a length of 8 bytes, a header in JSON, the data.
 *
 * Source: the safetensors format (Hugging Face).
 */
export function writeSafetensors({ metadata, tensors }: Safetensors): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = Math.ceil(text.length / 8) * 8; // blanks behind the JSON align the data
  const bytes = new Uint8Array(8 + length + end).fill(32, 8, 8 + length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  let at = 8 + length;
  for (const { data } of tensors.values()) {
    const view = new DataView(bytes.buffer, at);
    if (isLittleEndian) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    else for (const [i, x] of data.entries()) view.setFloat32(4 * i, x, true);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a file whole; tensors of float32 only.
 * @param name how errors call the file
 * @throws DataError for anything that is no such file; nothing is allocated because a header claims it
 */
export function readSafetensors(name: string, bytes: Uint8Array): Safetensors {
  const hint = "the file is damaged, cut short, or no .safetensors file";
  if (bytes.length < 8) throw new DataError(`${name}: expected a .safetensors file, got ${bytes.length} bytes.`, hint);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > bytes.length - 8)
    throw new DataError(`${name}: expected a header of ${length} bytes, got a file of ${bytes.length}.`, hint);
  const header = parseHeader(name, bytes.subarray(8, 8 + length), hint);
  const start = 8 + length;
  const room = bytes.length - start;
  const entries: { tensor: string; shape: readonly number[]; from: number; to: number }[] = [];
  for (const [tensor, value] of Object.entries(header)) {
    if (tensor === "__metadata__") continue;
    const entry = z.safeParse(Entry, value);
    if (!entry.success) throw new DataError(`${name}: ${tensor}: expected dtype, shape and data_offsets.`, hint);
    const { dtype, shape, data_offsets } = entry.data;
    const [from, to] = data_offsets;
    if (dtype !== "F32") throw new DataError(`${name}: ${tensor}: expected float32 (F32), got ${dtype}.`);
    const size = 4 * shape.reduce((product, n) => product * n, 1);
    if (to > room)
      throw new DataError(
        `${name}: ${tensor}: expected data up to byte ${start + to}, got a file of ${bytes.length}.`,
        hint,
      );
    if (to - from !== size)
      throw new DataError(
        `${name}: ${tensor}: expected ${size} bytes for shape (${shape.join(", ")}), got ${to - from}.`,
        hint,
      );
    entries.push({ tensor, shape, from, to });
  }
  let end = 0;
  for (const { from, to } of entries.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw new DataError(`${name}: expected tensor data from byte ${end} on, got ${from}.`, hint);
    end = to;
  }
  if (end !== room) throw new DataError(`${name}: expected ${start + end} bytes, got ${bytes.length}.`, hint);
  const metadata = z.safeParse(Metadata, header["__metadata__"] ?? {});
  if (!metadata.success) throw new DataError(`${name}: expected metadata of strings.`, hint);
  // Copied only now: tensors that overlapped could claim the same bytes a million times.
  const tensors = new Map(
    entries.map(({ tensor, shape, from, to }) => {
      return [tensor, { shape, data: readFloats(bytes.subarray(start + from, start + to)) }] as const;
    }),
  );
  return { metadata: metadata.data, tensors };
}

function parseHeader(name: string, bytes: Uint8Array, hint: string): Record<string, unknown> {
  try {
    return z.parse(Header, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    throw new DataError(`${name}: expected a header in JSON, got something else.`, hint);
  }
}

function readFloats(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes); // slice would share the memory of a Node Buffer
  if (isLittleEndian) return new Float32Array(copy.buffer);
  const view = new DataView(copy.buffer);
  return Float32Array.from({ length: copy.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
