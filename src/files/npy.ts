import type { Matrix } from "../data/matrix.js";
import { DataError } from "../errors.js";
import { quote } from "../text/quote.js";
import { fromHalf } from "./half.js";

interface Kind {
  readonly bytes: number;
  readonly read: (view: DataView, at: number) => number;
}

/** Number types by NumPy's name. */
const kinds: Readonly<Record<string, Kind>> = {
  "<f2": { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  "<f4": { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  "<f8": { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  "|i1": { bytes: 1, read: (view, at) => view.getInt8(at) },
  "|u1": { bytes: 1, read: (view, at) => view.getUint8(at) },
  "<i2": { bytes: 2, read: (view, at) => view.getInt16(at, true) },
  "<u2": { bytes: 2, read: (view, at) => view.getUint16(at, true) },
  "<i4": { bytes: 4, read: (view, at) => view.getInt32(at, true) },
  "<u4": { bytes: 4, read: (view, at) => view.getUint32(at, true) },
  "<i8": { bytes: 8, read: (view, at) => Number(view.getBigInt64(at, true)) },
  "<u8": { bytes: 8, read: (view, at) => Number(view.getBigUint64(at, true)) },
};

const MAGIC = "\x93NUMPY";
const resave = "numpy.save(file, frames.astype(numpy.float32)) of a matrix (frames, numbers in a frame) writes one";
const damaged = "the file is damaged: save it again";

/**
 * Reads a matrix (T, D) that `numpy.save` wrote.
 * @param name how errors call the file
 * @throws DataError for a file that is cut short, empty, of other dimensions or types, or with numbers that are not finite
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
  if (!kind)
    throw new DataError(`${name}: expected numbers of ${Object.keys(kinds).join(", ")}, got ${quote(type)}.`, resave);
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
      if (!Number.isFinite(Math.fround(value)))
        throw new DataError(
          `${name}: expected finite numbers, got ${value} in frame ${t + 1}, column ${d + 1}.`,
          "replace what is missing, say by the value before",
        );
      values[t * D + d] = value;
    }
  return { width: D, values };
}

/** The header is a Python dictionary of three entries. */
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
