import type { Param, Tensor } from "../../src/engine/tensor.js";
import { expectClose, type Numbers } from "./close.js";
import type { Desk } from "./desk.js";

/** A power of two, so that x ± h is exact where x is a multiple of 2⁻¹⁶. */
const h = 2 ** -5;

/**
 * Central differences over five points, (8(f₊ − f₋) − (f₊₊ − f₋₋)) / 12h, of every `stride`-th element.
 *
 * They err by h⁴/30·f⁽⁵⁾, about 1e-6 here, and by the float32 roundings of the outputs that f sums up, 2⁻²⁴ each: a few of
 * them over h are a few 1e-6. So 1e-5 is the tolerance; a wrong factor in a gradient is off by far more.
 */
export function expectSlopes(
  what: string,
  f: () => number,
  x: Tensor,
  gradient: Numbers | undefined,
  stride = 1,
): void {
  const [slopes, given]: [number[], number[]] = [[], []];
  for (let i = 0; i < x.size; i += stride) {
    const before = x.data[i] ?? Number.NaN;
    const at = (steps: number): number => {
      x.data[i] = before + steps * h;
      return f();
    };
    slopes.push((8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h));
    x.data[i] = before;
    given.push(gradient?.[i] ?? Number.NaN);
  }
  expectClose(`gradient of ${what}`, given, slopes, { absolute: 1e-5, relative: 1e-5 });
}

/** Fills a tensor with multiples of 1/256 between ±scale. */
export function fill(desk: Desk, tensor: Tensor, scale = 1): Tensor {
  tensor.data.set(
    Array.from({ length: tensor.size }, () => Math.round(256 * scale * (2 * desk.random.uniform() - 1)) / 256),
  );
  return tensor;
}

export function fillParams(desk: Desk, params: readonly Param[]): void {
  for (const { value } of params) fill(desk, value);
}

export function dot(xs: Tensor, weights: Tensor): number {
  const [x, w] = [xs.data, weights.data];
  return x.reduce((sum, value, i) => sum + value * (w[i] ?? Number.NaN), 0);
}
