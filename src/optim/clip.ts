import type { Backend } from "../backend/backend.js";
import type { Param } from "../tensor.js";

/** The length of all gradients taken as one vector. */
export function gradientNorm(backend: Backend, params: readonly Param[]): number {
  let total = 0;
  for (const { grad } of new Set(params)) total += backend.kernels.sumOfSquares({}, { xs: grad }, { R: grad.size });
  return Math.sqrt(total);
}

/** The factor that brings a norm down to at most `limit`; 1 where it is below. Source: Pascanu, Mikolov & Bengio 2013. */
export function clipFactor(norm: number, limit: number): number {
  return norm > limit ? limit / (norm + 1e-6) : 1;
}
