import type { Backend } from "../backend/backend.js";
import type { Ints, Param } from "../tensor.js";

/** The length of all gradients taken as one vector. */
export function gradientNorm(backend: Backend, params: readonly Param[]): number {
  let total = 0;
  for (const param of new Set(params)) {
    const { ids, R, D } = gradientRows(param);
    total += backend.kernels.sumOfSquares({}, { xs: param.grad, ids }, { R, D });
  }
  return Math.sqrt(total);
}

/** The R rows of D in which a gradient may differ from 0; without ids they are all. */
export function gradientRows({ grad, touched }: Param): { ids: Ints | undefined; R: number; D: number } {
  const V = grad.shape[0] ?? 0;
  const ids = touched?.ids;
  return { ids, R: ids ? ids.size : V, D: grad.size / V };
}

/** The factor that brings a norm down to at most `limit`; 1 where it is below. Source: Pascanu, Mikolov & Bengio 2013. */
export function clipFactor(norm: number, limit: number): number {
  return norm > limit ? limit / (norm + 1e-6) : 1;
}
