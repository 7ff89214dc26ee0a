import { quantizeRow } from "../engine/backend/reference-precision.js";
import { DataError } from "../engine/errors.js";
import { fromHalf, LARGEST_HALF, toHalf } from "./half.js";

/** A named float32 array. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How numbers can lie in a file, under the names of safetensors: the bytes of each, and what they are as float32. */
export const dtypes = {
  F32: { bytes: 4, read: (buffer) => new Float32Array(buffer) },
  F16: { bytes: 2, read: (buffer) => Float32Array.from(new Uint16Array(buffer), fromHalf) },
  BF16: {
    bytes: 2,
    read: (buffer) => new Float32Array(Uint32Array.from(new Uint16Array(buffer), (x) => x << 16).buffer),
  },
  I8: { bytes: 1, read: (buffer) => Float32Array.from(new Int8Array(buffer)) },
} as const satisfies Record<string, { bytes: number; read: (buffer: ArrayBuffer) => Float32Array }>;
export type Dtype = keyof typeof dtypes;

/** An array as it lies in a file. */
export interface StoredArray {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly numbers: Float32Array | Uint16Array | Int8Array;
}

/** Where the scales of an array of int8 lie, one for each of its rows. */
export const scaleOf = (name: string): string => `${name}.scale`;

/** How weights can be stored. @throws DataError where a form has no number as large */
export const weightForms = {
  float32: (name, { shape, data }) => [{ name, dtype: "F32", shape, numbers: data }],

  float16(name, { shape, data }) {
    expectUpTo(LARGEST_HALF, "float16", name, data);
    return [{ name, dtype: "F16", shape, numbers: Uint16Array.from(data, toHalf) }];
  },

  int8(name, { shape, data }) {
    expectUpTo(1e36, "int8", name, data); // 127 times as much is a float32 yet
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
export type WeightForm = keyof typeof weightForms;

function expectUpTo(most: number, form: WeightForm, name: string, data: Float32Array): void {
  const wrong = data.find((x) => !(Math.abs(x) <= most));
  if (wrong !== undefined)
    throw new DataError(`${name}: expected numbers up to ${most} for ${form}, got ${wrong}.`, "store it as float32");
}
