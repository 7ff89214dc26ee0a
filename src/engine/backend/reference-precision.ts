import type { Precision } from "./backend.js";

/** Rounding of the factors of a product; sums are float64 in every precision. */
export interface Factors {
  /** Rounds an activation or a gradient. */
  readonly number: (x: number) => number;
  /** Rounds weights, given as rows of `columns` numbers. */
  readonly weights: (values: Float32Array, columns: number) => Float32Array;
}

/** Rounding by precision. */
export const factorsOf: Readonly<Record<Precision, Factors>> = {
  float32: { number: (x) => x, weights: (values) => values },
  bf16: { number: bfloat16, weights: (values) => values.map(bfloat16) },
  int8: { number: (x) => x, weights: throughInt8 },
};

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Rounds to bfloat16, the upper half of a float32, ties to even. */
export function bfloat16(x: number): number {
  if (Number.isNaN(x)) return x;
  float[0] = x;
  const word = bits[0] ?? 0;
  bits[0] = (word + 0x7fff + ((word >>> 16) & 1)) & 0xffff0000;
  return float[0];
}

/** Quantizes a row of weights to integers from −127 to 127 times a scale, bit for bit as kernels/quantize.c. */
export function quantizeRow(row: Float32Array): { readonly bytes: Int8Array; readonly scale: number } {
  const most = row.reduce((greatest, w) => Math.max(greatest, Math.abs(w)), 0);
  const bytes = Int8Array.from(row, (w) => (most > 0 ? nearest(Math.fround(Math.fround(w * 127) / most)) : 0));
  return { bytes, scale: Math.fround(most / 127) };
}

/** Rounds to an integer, ties to even. */
const nearest = (x: number): number => x + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;

function throughInt8(values: Float32Array, columns: number): Float32Array {
  const back = new Float32Array(values.length);
  for (let from = 0; from < values.length; from += columns) {
    const { bytes, scale } = quantizeRow(values.subarray(from, from + columns));
    back.set(
      Float32Array.from(bytes, (byte) => byte * scale),
      from,
    );
  }
  return back;
}
