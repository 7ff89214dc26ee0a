import type { Tolerance } from "./close.js";
import type { Desk } from "./desk.js";
import { copies, type Results } from "./kernel-cases.js";

export interface LinearSizes {
  readonly N: number;
  readonly T: number;
  readonly D: number;
  readonly C: number;
  readonly O: number;
}

export const linearSizes = (N: number, T: number, D: number, C: number, O: number): LinearSizes => ({ N, T, D, C, O });

/**
 * A float32 sum of K products below 1 errs by at most K·2⁻²⁴ times its largest partial sum, and for random signs by far
 * less. Twice what was seen on any backend.
 */
export const sumOf = (K: number): Required<Tolerance> => ({ absolute: (K + 4) * 2 ** -23, relative: 2 ** -23 });

export function runLinearForward(desk: Desk, { N, T, D, C, O }: LinearSizes, hasBias: boolean): Results {
  const ys = desk.poison([N, T, O]);
  const xs = desk.uniform([N, T, D]);
  const context = C ? desk.uniform([N, C]) : undefined;
  const weight = desk.uniform([O, C + D]);
  const bias = hasBias ? desk.uniform([O]) : undefined;
  desk.call([ys], () => desk.backend.kernels.linearForward({ ys }, { xs, context, weight, bias }, { N, T, D, C, O }));
  return copies({ ys });
}

/** @param start what the gradients hold before; undefined: random numbers */
export function runLinearBackward(
  desk: Desk,
  { N, T, D, C, O }: LinearSizes,
  wanted: "all" | "parameters",
  start?: number,
): Results {
  const gradient = (shape: number[]) => (start === undefined ? desk.uniform(shape) : desk.filled(shape, start));
  const dys = desk.uniform([N, T, O]);
  const xs = desk.uniform([N, T, D]);
  const context = C ? desk.uniform([N, C]) : undefined;
  const weight = desk.uniform([O, C + D]);
  const dweight = gradient([O, C + D]);
  const dbias = wanted === "all" ? gradient([O]) : undefined;
  const dxs = wanted === "all" ? desk.poison([N, T, D]) : undefined;
  const dcontext = wanted === "all" && C ? desk.poison([N, C]) : undefined;
  desk.call([dxs, dcontext, dweight, dbias], () =>
    desk.backend.kernels.linearBackward(
      { dxs, dcontext, dweight, dbias },
      { dys, xs, context, weight },
      { N, T, D, C, O },
    ),
  );
  return copies({ dweight, dbias, dxs, dcontext });
}

export const nameOf = ({ N, T, D, C, O }: LinearSizes): string => `N ${N}, T ${T}, D ${D}, C ${C}, O ${O}`;
