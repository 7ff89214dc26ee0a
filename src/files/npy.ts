import { DataError, quote } from "../engine/errors.js";
import { fromHalf, type Matrix } from "./dtypes.js";

interface NumberType {
  /** Name in NumPy programs. */
  readonly name: string;
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Number types by their name in the file. */
const kinds: Readonly<Record<string, NumberType>> = {
  "<f2": { name: "float16", bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  "<f4": { name: "float32", bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "<f8": { name: "float64", bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "|i1": { name: "int8", bytes: 1, read: (view, at) => view.getInt8(at) },
  "|u1": { name: "uint8", bytes: 1, read: (view, at) => view.getUint8(at) },
  "<i2": { name: "int16", bytes: 2, read: (view, at) => view.getInt16(at, true) },
  "<u2": { name: "uint16", bytes: 2, read: (view, at) => view.getUint16(at, true) },
  "<i4": { name: "int32", bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "<u4": { name: "uint32", bytes: 4, read: (view, at) => view.getUint32(at, true) },
  "<i8": { name: "int64", bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  "<u8": { name: "uint64", bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
};

const typeNames = Object.values(kinds)
  .map(({ name }) => name)
  .join(", ");

const MAGIC = "\x93NUMPY";
const resave = "numpy.save(file, frames.astype(numpy.float32)) of a matrix (frames, numbers in a frame) writes one";
const tooLarge = ["numbers within float32", "divide the column by a number of its size"] as const;
const missing = ["finite numbers", "replace missing values, for example by the previous value"] as const;
const damaged = "the file is damaged: save it again";

/**
 * Reads a matrix (T, D) written by `numpy.save`; numbers of any type become float32.
 *
 * @param name of the file in errors
 * @throws DataError for a file that is cut short or empty, for other dimensions or types, and for numbers that are not finite
 */
export function readNpy(name: string, bytes: Uint8Array): Matrix {
  const latin = new TextDecoder("latin1");
  if (latin.decode(bytes.subarray(0, 6)) !== latin.decode(Uint8Array.from(MAGIC, (c) => c.charCodeAt(0))))
    throw new DataError(`${name}: expected a .npy file, got a file of another kind.`, resave);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  if (bytes.length < start) throw cutShort(name, start, bytes.length);
  const end = start + (start === 10 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (bytes.length < end) throw cutShort(name, end, bytes.length);
  const { type, isFortran, shape } = parseHeader(name, latin.decode(bytes.subarray(start, end)));

  const kind = kinds[type];
  if (!kind) throw new DataError(`${name}: expected numbers of type ${typeNames}, got ${quote(type)}.`, resave);
  const [T = 0, D = 0] = shape;
  if (shape.length !== 2 || T === 0 || D === 0)
    throw new DataError(
      `${name}: expected a matrix (frames, numbers in a frame), got shape (${shape.join(", ")}).`,
      resave,
    );
  const [needed, there] = [T * D * kind.bytes, bytes.length - end];
  if (there < needed) throw cutShort(name, end + needed, bytes.length);

  const values = new Float32Array(T * D);
  const [down, across] = isFortran ? [1, T] : [D, 1];
  for (let t = 0; t < T; t++)
    for (let d = 0; d < D; d++) {
      const value = kind.read(view, end + kind.bytes * (t * down + d * across));
      if (!Number.isFinite(Math.fround(value))) {
        const [expected, hint] = Number.isFinite(value) ? tooLarge : missing;
        throw new DataError(`${name}: expected ${expected}, got ${value} in frame ${t + 1}, column ${d + 1}.`, hint);
      }
      values[t * D + d] = value;
    }
  return { width: D, values };
}

/** Parses the header, a Python dictionary of three entries. */
function parseHeader(name: string, header: string): { type: string; isFortran: boolean; shape: number[] } {
  const type = /'descr': *'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order': *(True|False)/.exec(header)?.[1];
  const shape = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (type === undefined || order === undefined || shape === undefined)
    throw new DataError(`${name}: expected a header with type, order and shape of plain numbers, got another.`, resave);
  return { type, isFortran: order === "True", shape: (shape.match(/\d+/g) ?? []).map(Number) };
}

function cutShort(name: string, expected: number, got: number): DataError {
  return new DataError(`${name}: expected ${expected} bytes, got ${got}: the file is cut short.`, damaged);
}
