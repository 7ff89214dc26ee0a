import { Tensor } from "../tensor.js";
import { Arena } from "./arena.js";
import type { Backend } from "./backend.js";
import { openReference } from "./reference.js";

/** An arena that hands out shapes without memory. */
class SketchArena extends Arena {
  override tensor(shape: readonly number[]): Tensor {
    return new Tensor(this, 0, shape);
  }
}

/** A backend on which a model can be made to see what arrays it would have, however large; it cannot compute. */
export function openSketch(): Backend {
  const arena = new SketchArena({ buffer: new ArrayBuffer(0), limit: 0, start: 64, grow() {} });
  return { ...openReference(), arena };
}
