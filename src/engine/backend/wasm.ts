import { OptionError, SeqloomError } from "../errors.js";
import { Arena } from "./arena.js";
import type { Backend, Precision } from "./backend.js";
import { bindKernels, type CompiledKernel } from "./bind.js";
import { MOST_THREADS, type StartedThread, type WasmThread } from "./wasm-thread.js";

const PAGE = 65536;
/** 1 GiB, which phones allow. */
const MAXIMUM = 2 ** 30;
/** Stack size of every thread but the first, in bytes. */
const STACK = PAGE;

/** Options of `openWasm`. */
export interface WasmOptions {
  /** Largest number of threads. @default 1 */
  readonly threads?: number | undefined;
  /** Precision of matrix products: float32 or int8, since WebAssembly has no bf16. @default "float32" */
  readonly precision?: Precision | undefined;
  /** Starts a worker that calls `runThread`. @default none: a single thread */
  readonly startThread?: (thread: WasmThread) => StartedThread;
}

/**
 * Opens the WebAssembly backend from the bytes of kernels.wasm and waits for its threads. Threads need Node or a
 * cross-origin isolated page.
 * @throws SeqloomError when the engine lacks SIMD or threads, or the bytes are another module
 * @throws OptionError for precision bf16
 */
export async function openWasm(bytes: BufferSource, options: WasmOptions = {}): Promise<Backend> {
  const threads = options.startThread ? Math.min(options.threads ?? 1, MOST_THREADS) : 1;
  const { precision = "float32" } = options;
  if (precision === "bf16")
    throw new OptionError(
      "precision: expected float32 or int8 on WebAssembly, got bf16.",
      "use the native backend, on a processor with AVX-512-BF16",
    );
  const memory = new WebAssembly.Memory({ initial: 32, maximum: MAXIMUM / PAGE, shared: true });
  const module = await WebAssembly.compile(bytes).catch((cause: unknown) => {
    throw new SeqloomError(
      `WebAssembly: expected an engine with SIMD and threads, got: ${cause instanceof Error ? cause.message : cause}`,
      "use a browser from 2023 or later, or Node 20 or later; if you do, kernels.wasm is damaged: build it again",
    );
  });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = new Map<string, (...values: number[]) => unknown>();
  for (const [name, value] of Object.entries(instance.exports)) if (isFunction(value)) kernels.set(name, value);
  const heap = instance.exports["__heap_base"];
  if (!(heap instanceof WebAssembly.Global))
    throw new SeqloomError(
      "WebAssembly: expected the kernels of seqloom, got another module.",
      "build kernels.wasm again",
    );

  const arena = new Arena({
    start: Number(heap.value),
    limit: MAXIMUM,
    get buffer() {
      return memory.buffer;
    },
    grow(needed) {
      const missing = Math.ceil((needed - memory.buffer.byteLength) / PAGE);
      if (missing > 0) memory.grow(Math.min(Math.max(missing, 64), (MAXIMUM - memory.buffer.byteLength) / PAGE));
    },
  });

  const started = Array.from({ length: threads - 1 }, (_, i) => {
    const stack = arena.ints([STACK / 4]).offset + STACK; // it grows down
    return options.startThread?.({ module, memory, self: i + 1, stack });
  });
  const end = (): void => {
    for (const thread of started) thread?.end();
  };
  await Promise.all(started.map((thread) => thread?.ready)).catch((cause: unknown) => {
    end();
    throw cause;
  });

  let open = true;
  const find =
    (name: string): CompiledKernel =>
    (values) => {
      const kernel = kernels.get(name);
      if (!open || !kernel)
        throw new SeqloomError(open ? `WebAssembly: expected a kernel ${name}, got none.` : "the backend is closed");
      const result = kernel(...values);
      return typeof result === "number" ? result : 0;
    };
  return {
    name: "wasm",
    instructionSet: "SIMD128",
    threads,
    precision,
    arena,
    kernels: bindKernels({ arena, find, threads, precision }),
    close() {
      open = false;
      end();
      kernels.clear();
    },
  };
}

function isFunction(value: unknown): value is (...values: number[]) => unknown {
  return typeof value === "function";
}
