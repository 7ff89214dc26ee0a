import type { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";

export const backendNames = ["native", "wasm", "reference"] as const;
export type BackendName = (typeof backendNames)[number];

/**
 * - `float32`: of all numbers.
 * - `bf16`: products of bfloat16 with sums and weights in float32, on processors that have them.
 * - `int8`: weights are rounded to int8 at their first use, and must not change after it: for answers, not for training.
 */
export const precisions = ["float32", "bf16", "int8"] as const;
export type Precision = (typeof precisions)[number];

export interface BackendOptions {
  /** How many threads may compute; small work uses fewer. @default as many as the machine has cores */
  readonly threads?: number | undefined;
  /** @default "float32" */
  readonly precision?: Precision | undefined;
}

/** Something that computes: an arena and the kernels that work in it. Several may be open at a time. */
export interface Backend {
  readonly name: BackendName;
  /** "AVX-512", "AVX2", "SSE4.2", "NEON", "SIMD128" or "JavaScript". */
  readonly instructionSet: string;
  readonly threads: number;
  readonly precision: Precision;
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** Gives the memory back. Tensors of this backend must not be used after it. */
  close(): void;
}
