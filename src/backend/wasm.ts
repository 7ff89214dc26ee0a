import { OptionError, SeqloomError } from "../errors.js";
import { Arena } from "./arena.js";
import type { Backend, Precision } from "./backend.js";
import { bindKernels, type Call } from "./bind.js";
import { MOST_THREADS, type StartedThread, type WasmThread } from "./wasm-thread.js";

const PAGE = 65536;
/** 1 GiB: what a phone still grants. */
const MAXIMUM = 2 ** 30;
/** Bytes for the stack of each thread but the first. */
const STACK = PAGE;

export interface WasmOptions {
  /** How many threads may compute. @default 1 */
  readonly threads?: number | undefined;
  /** There is no bf16 in WebAssembly. @default "float32" */
  readonly precision?: Precision | undefined;
  /** Starts a thread that does nothing but `runThread`; left out, there is one thread. */
  readonly startThread?: (thread: WasmThread) => StartedThread;
}

/**
 * Opens the WebAssembly backend from the bytes of kernels.wasm, and waits for its threads: they need a page that is
 * cross-origin isolated, or Node.
 * @throws SeqloomError where SIMD or threads are missing
 */
export async function openWasm(bytes: BufferSource, options: WasmOptions = {}): Promise<Backend> {
  const threads = options.startThread ? Math.min(options.threads ?? 1, MOST_THREADS) : 1;
  const { precision = "float32" } = options;
  if (precision === "bf16")
    throw new OptionError(
      "--precision: expected float32 or int8 on WebAssembly, got bf16.",
      "only the native backend has bf16, on processors with AVX-512-BF16",
    );
  const memory = new WebAssembly.Memory({ initial: 32, maximum: MAXIMUM / PAGE, shared: true });
  const module = await WebAssembly.compile(bytes).catch((cause: unknown) => {
    throw new SeqloomError(
      `WebAssembly: expected an engine with SIMD and threads, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      "use a browser of 2023 or later, or Node 20 or later; if that is so, kernels.wasm is damaged",
    );
  });
  const instance = await WebAssembly.instantiate(module, { env: { memory } });
  const kernels = new Map<string, (...values: number[]) => unknown>();
  for (const [name, value] of Object.entries(instance.exports)) if (isFunction(value)) kernels.set(name, value);
  const heap = instance.exports["__heap_base"];
  if (!(heap instanceof WebAssembly.Global))
    throw new SeqloomError(
      "WebAssembly: expected the kernels of seqloom, got another module.",
      "build kernels.wasm anew",
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
    (name: string): Call =>
    (values) => {
      const kernel = kernels.get(name);
      if (!open || !kernel) throw new SeqloomError(open ? `WebAssembly: no kernel ${name}.` : "the backend is closed");
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
