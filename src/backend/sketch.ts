import { Tensor } from "../tensor.js";
import { Arena } from "./arena.js";
import type { Backend } from "./backend.js";
import { bindKernels } from "./bind.js";

/** An arena that hands out shapes without memory. */
class SketchArena extends Arena {
  override tensor(shape: readonly number[]): Tensor {
    return new Tensor(this, 0, shape);
  }
}

/** A backend on which a model can be made to see what arrays it would have, however large; it cannot compute. */
export function openSketch(): Backend {
  const arena = new SketchArena({ buffer: new ArrayBuffer(0), limit: 0, start: 64, grow() {} });
  const is = { name: "reference", instructionSet: "none", threads: 1, precision: "float32" } as const;
  const find = (name: string) => (): never => {
    throw new Error(`${name}: expected a backend that computes, got a sketch.`);
  };
  return { ...is, arena, kernels: bindKernels({ ...is, arena, find }), close() {} };
}
