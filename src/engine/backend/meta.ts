import { Tensor } from "../tensor.js";
import { Arena } from "./arena.js";
import type { Backend } from "./backend.js";
import { bindKernels } from "./bind.js";

/** An arena whose tensors have a shape and no data. */
class MetaArena extends Arena {
  override tensor(shape: readonly number[]): Tensor {
    return new Tensor(this, 0, shape);
  }
}

/**
 * Opens a backend whose tensors have shapes but no data, as PyTorch's meta device. A model built on it shows the names
 * and shapes of its parameters, at any size; its kernels throw.
 */
export function openMeta(): Backend {
  const arena = new MetaArena({ buffer: new ArrayBuffer(0), limit: 0, start: 64, grow() {} });
  const is = { name: "reference", instructionSet: "none", threads: 1, precision: "float32" } as const;
  const find = (name: string) => (): never => {
    throw new Error(`${name}: expected a backend with data, got the meta backend.`);
  };
  return { ...is, arena, kernels: bindKernels({ ...is, arena, find }), close() {} };
}
