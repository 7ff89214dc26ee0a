import { SeqloomError } from "../errors.js";
import { Arena } from "./arena.js";
import type { Backend } from "./backend.js";
import { bindKernels } from "./bind.js";

const PAGE = 65536;
/** 1 GiB: what a phone still grants. */
const MAXIMUM = 2 ** 30;

/** Opens the WebAssembly backend from the bytes of kernels.wasm. @throws SeqloomError where SIMD is missing */
export async function openWasm(bytes: BufferSource): Promise<Backend> {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: MAXIMUM / PAGE });
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } }).catch((cause: unknown) => {
    throw new SeqloomError(
      `WebAssembly: expected an engine with SIMD, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      "use a browser of 2023 or later, or Node 20 or later",
    );
  });
  const kernels = new Map<string, (...values: number[]) => unknown>();
  for (const [name, value] of Object.entries(instance.exports)) if (isFunction(value)) kernels.set(name, value);
  const heap = instance.exports["__heap_base"];

  const arena = new Arena({
    start: heap instanceof WebAssembly.Global ? Number(heap.value) : PAGE,
    limit: MAXIMUM,
    get buffer() {
      return memory.buffer;
    },
    grow(needed) {
      const missing = Math.ceil((needed - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(Math.min(Math.max(missing, 64), (MAXIMUM - memory.buffer.byteLength) / PAGE));
    },
  });

  let open = true;
  const run = (name: string, values: readonly number[]): number => {
    const kernel = kernels.get(name);
    if (!open || !kernel) throw new SeqloomError(open ? `WebAssembly: no kernel ${name}.` : "the backend is closed");
    const result = kernel(...values);
    return typeof result === "number" ? result : 0;
  };
  return {
    name: "wasm",
    instructionSet: "SIMD128",
    threads: 1,
    precision: "float32",
    arena,
    kernels: bindKernels(arena, run, 1),
    close() {
      open = false;
      kernels.clear();
    },
  };
}

function isFunction(value: unknown): value is (...values: number[]) => unknown {
  return typeof value === "function";
}
