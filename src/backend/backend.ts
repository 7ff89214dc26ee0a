import type { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";

export const backendNames = ["native", "wasm", "reference"] as const;
export type BackendName = (typeof backendNames)[number];

export const precisions = ["float32", "bf16", "int8"] as const;
export type Precision = (typeof precisions)[number];

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
