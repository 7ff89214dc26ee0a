/** The weights of one output sample over the input samples from `first` on. */
export interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** The kernel's half width in samples. */
const REACH = 3;

/**
 * Weights for resampling a line of samples. For downsampling the kernel is stretched by the factor, so every input sample
 * counts: the same method as in sharp, which the command line uses.
 *
 * Source: Duchon 1979, Lanczos' kernel of three lobes.
 */
export function lanczos(from: number, to: number): Taps[] {
  const step = from / to;
  const scale = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const center = (i + 0.5) * step - 0.5;
    const first = Math.max(0, Math.ceil(center - REACH * scale));
    const last = Math.min(from - 1, Math.floor(center + REACH * scale));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, j) => kernel((first + j - center) / scale));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function kernel(x: number): number {
  const a = Math.PI * x;
  return x === 0 ? 1 : (REACH * Math.sin(a) * Math.sin(a / REACH)) / (a * a);
}

/**
 * Resamples a row of pixels.
 * @param pixels (width, 4) bytes of red, green, blue and alpha; alpha is ignored
 * @returns (taps.length, 3)
 */
export function resampleRow(pixels: Uint8ClampedArray, taps: readonly Taps[]): Float32Array {
  const row = new Float32Array(3 * taps.length);
  for (const [x, { first, weights }] of taps.entries()) {
    let [red, green, blue] = [0, 0, 0];
    for (let j = 0, at = 4 * first; j < weights.length; j++, at += 4) {
      const weight = weights[j] ?? 0;
      red += weight * (pixels[at] ?? 0);
      green += weight * (pixels[at + 1] ?? 0);
      blue += weight * (pixels[at + 2] ?? 0);
    }
    row.set([red, green, blue], 3 * x);
  }
  return row;
}

/** Resamples the columns and rounds to bytes. */
export function resampleColumns(rows: readonly Float32Array[], taps: readonly Taps[]): Uint8Array {
  const size = rows[0]?.length ?? 0;
  const bytes = new Uint8ClampedArray(taps.length * size); // rounds, and clamps the kernel's overshoot
  const sums = new Float64Array(size);
  for (const [y, { first, weights }] of taps.entries()) {
    sums.fill(0);
    for (const [j, weight] of weights.entries()) {
      const row = rows[first + j];
      for (let x = 0; x < size; x++) sums[x] = (sums[x] ?? 0) + weight * (row?.[x] ?? 0);
    }
    bytes.set(sums, y * size);
  }
  return new Uint8Array(bytes.buffer);
}
