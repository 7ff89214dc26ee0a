/** What the last bit of the fraction is worth, for each exponent. */
const LAST_BIT = Float64Array.from({ length: 31 }, (_, exponent) => 2 ** (Math.max(exponent, 1) - 25));

/** The largest number of float16. */
export const LARGEST_HALF = 65_504;

/** The number that 16 bits stand for: a sign, 5 bits of exponent, 10 of fraction. Source: IEEE 754-2008, binary16. */
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
 * The 16 bits of the nearest float16, of two as near the even one.
 * @param x a float32 of at most `LARGEST_HALF`
 */
export function toHalf(x: number): number {
  float[0] = x;
  const word = bits[0] ?? 0;
  const exponent = Math.max(1, ((word >>> 23) & 255) - 112); // 1 for the subnormal too
  const units = Math.abs(x) / (LAST_BIT[exponent] ?? 1); // 1024 to 2048 of a normal number
  const nearest = units + 1.5 * 2 ** 52 - 1.5 * 2 ** 52;
  return ((word >>> 16) & 0x8000) | ((exponent - 1) * 1024 + nearest); // 2048 units carry into the exponent
}
