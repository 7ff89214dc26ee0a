import type { Arena } from "./arena.js";
import type { Kernels } from "./kernels.js";

export const backendNames = ["native", "wasm", "reference"] as const;
export type BackendName = (typeof backendNames)[number];

/** Something that computes: an arena and the kernels that work in it. Several may be open at a time. */
export interface Backend {
  readonly name: BackendName;
  /** "AVX-512", "AVX2", "SSE4.2", "NEON", "SIMD128" or "JavaScript". */
  readonly instructionSet: string;
  readonly threads: number;
  readonly arena: Arena;
  readonly kernels: Kernels;
  /** Gives the memory back. Tensors of this backend must not be used after it. */
  close(): void;
}
