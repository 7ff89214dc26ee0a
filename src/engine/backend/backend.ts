import type { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";

/** Names of the backends, the fastest first. */
export const backendNames = ["native", "wasm", "reference"] as const;
/** Name of a backend. */
export type BackendName = (typeof backendNames)[number];

/**
 * Precisions of matrix products.
 * - `float32`: float32 throughout.
 * - `bf16`: factors rounded to bfloat16, sums and weights in float32. Needs a processor with AVX-512-BF16.
 * - `int8`: weights quantized to int8 at their first use, after which they must not change. For inference only.
 */
export const precisions = ["float32", "bf16", "int8"] as const;
/** Precision of matrix products. */
export type Precision = (typeof precisions)[number];

/** Options for opening a backend. */
export interface BackendOptions {
  /** Largest number of threads; small kernels use fewer. @default the number of CPU cores */
  readonly threads?: number | undefined;
  /** Precision of matrix products. @default "float32" */
  readonly precision?: Precision | undefined;
}

/** A compute backend: an arena and the kernels that work in it. Several may be open at the same time. */
export interface Backend {
  /** Name of the backend. */
  readonly name: BackendName;
  /** Instruction set of the kernels: "AVX-512", "AVX2", "SSE4.2", "NEON", "SIMD128" or "JavaScript". */
  readonly instructionSet: string;
  /** Largest number of threads that a kernel uses. */
  readonly threads: number;
  /** Precision of matrix products. */
  readonly precision: Precision;
  /** Memory of all tensors on this backend. */
  readonly arena: Arena;
  /** Kernels, which take tensors of this arena only. */
  readonly kernels: Kernels;
  /** Frees the memory and stops the threads. Tensors of this backend must not be used afterwards. */
  close(): void;
}
