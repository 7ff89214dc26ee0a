import type { Backend } from "../engine/backend/backend.js";

/** Sizes by their letters; which of them a case has, its kind decides. */
export type Sizes = Readonly<Record<string, number>>;

/** Something prepared that can be done again and again. */
export interface Work {
  /** Steps in one run. */
  readonly steps: number;
  run(): void | Promise<void>;
}

/** One thing whose speed is measured, at one shape. A step is one of training, a token, or a batch of questions. */
export interface Case {
  readonly title: string;
  readonly kind: "train" | "generate" | "evaluate";
  readonly shape: Sizes;
  /** Floating-point operations that a step cannot do without; a multiply-add is two. */
  readonly floor: number;
  /** Weights that a step reads once each: what bounds the generation of one sequence. */
  readonly weights: number;
  /** Makes model and data in the arena of a backend, with the very parts that the commands use. */
  prepare(backend: Backend): Work;
  /** The same at other sizes; letters not named stay. */
  at(sizes: Sizes): Case;
}
