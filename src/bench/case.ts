import type { Backend } from "../engine/backend/backend.js";

/** Sizes by their letters; the set of letters depends on the case. */
export type Sizes = Readonly<Record<string, number>>;

/** Prepared work that can be repeated. */
export interface Work {
  /** Steps in one run. */
  readonly steps: number;
  run(): void | Promise<void>;
}

/** A benchmark at one shape. A step is a training step, a generated token, or a batch of questions. */
export interface Case {
  readonly title: string;
  readonly kind: "train" | "generate" | "evaluate";
  readonly shape: Sizes;
  /** Minimum number of floating-point operations of a step; a multiply-add counts as two. */
  readonly floor: number;
  /** Number of weights that a step reads once each, which bounds the generation of one sequence. */
  readonly weights: number;
  /** Creates model and data in the arena of a backend, with the same code as the commands. */
  prepare(backend: Backend): Work;
  /** The same case at other sizes; letters that are not given keep their sizes. */
  at(sizes: Sizes): Case;
}
