import { quantizeRow } from "../engine/backend/reference-precision.js";
import { DataError } from "../engine/errors.js";

/** A float32 array with its shape, as files hold them under a name. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A matrix of float32: the frames of a sound or a video, or the readings of sensors over time. */
export interface Matrix {
  /** Numbers in a row. */
  readonly width: number;
  /** (T, width), row by row. */
  readonly values: Float32Array;
}

/** Number types of safetensors files by name: the bytes of a number, and the conversion to float32. */
export const dtypes = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf) },
  BF16: {
    bytes: 2,
    read: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (x) => x << 16).buffer),
  },
  I8: { bytes: 1, read: (buffer) => Float32Array.from(new Int8Array(buffer)) },
} as const satisfies Record<string, { bytes: number; read: (buffer: ArrayBuffer) => Float32Array }>;
/** Name of a number type of safetensors files. */
export type Dtype = keyof typeof dtypes;

/** An array in the number type in which a file stores it. */
export interface StoredArray {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly numbers: Float32Array | Uint16Array | Int8Array;
}

/** Name of the array that holds the scales of an int8 array, one for each of its rows. */
export const scaleOf = (name: string): string => `${name}.scale`;

/**
 * Forms in which weights are stored: float32, float16, or int8 with a float32 scale for each row.
 *
 * @throws DataError if a weight is too large for the form
 */
export const weightForms = {
  float32: (name, { shape, data }) => [{ name, dtype: "F32", shape, numbers: data }],

  float16(name, { shape, data }) {
    expectUpTo(LARGEST_HALF, "float16", name, data);
    return [{ name, dtype: "F16", shape, numbers: Uint16Array.from(data, toHalf) }];
  },

  int8(name, { shape, data }) {
    expectUpTo(1e36, "int8", name, data); // 127 times this number still is a float32
    const rows = shape.slice(0, 1);
    const columns = shape.slice(1).reduce((product, n) => product * n, 1);
    const numbers = new Int8Array(data.length);
    const scales = Float32Array.from({ length: rows[0] ?? 1 }, (_, row) => {
      const { bytes, scale } = quantizeRow(data.subarray(row * columns, (row + 1) * columns));
      numbers.set(bytes, row * columns);
      return scale;
    });
    return [
      { name, dtype: "I8", shape, numbers },
      { name: scaleOf(name), dtype: "F32", shape: rows, numbers: scales },
    ];
  },
} as const satisfies Record<string, (name: string, array: NamedArray) => StoredArray[]>;
/** Name of a form in which weights are stored. */
export type WeightForm = keyof typeof weightForms;

function expectUpTo(most: number, form: WeightForm, name: string, data: Float32Array): void {
  const wrong = data.find((x) => !(Math.abs(x) <= most));
  if (wrong !== undefined)
    throw new DataError(`${name}: expected numbers up to ${most} for ${form}, got ${wrong}.`, "store it as float32");
}

/** Value of the last bit of a float16 fraction, for each exponent. */
const LAST_BIT = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** Largest finite float16. */
export const LARGEST_HALF = 65_504;

/** Decodes a float16: a sign bit, 5 bits of exponent, 10 of fraction. Source: IEEE 754-2008, binary16. */
export function fromHalf(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  let size = (exponent === 0 ? fraction : 1024 + fraction) * (LAST_BIT[exponent] ?? 1);
  if (exponent === 31) size = fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  return half & 0x8000 ? -size : size;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * Encodes the nearest float16; halfway between two, the even one.
 *
 * @param x a float32 whose absolute value is at most `LARGEST_HALF`
 */
export function toHalf(x: number): number {
  float[0] = x;
  const word = bits[0] ?? 0;
  const exponent = Math.max(1, ((word >>> 23) & 255) - 112); // 1 for the subnormal too
  const units = Math.abs(x) / (LAST_BIT[exponent] ?? 1); // 1024 to 2048 for a normal number
  const nearest = units + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
  return ((word >>> 16) & 0x8000) | ((exponent - 1) * 1024 + nearest); // 2048 units carry over into the exponent
}
