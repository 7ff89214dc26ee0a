/** What a thread of the WebAssembly backend is given; it can be posted to a worker. */
export interface WasmThread {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Its number, from 1; the opener's thread is 0. */
  readonly self: number;
  /** The upper end of its stack, a byte offset. */
  readonly stack: number;
}

/** As MOST_THREADS in kernels/threads.h. */
export const MOST_THREADS = 64;

/** A thread that was started. */
export interface StartedThread {
  /** Resolves when the thread takes part in kernels, and rejects where it never will. */
  readonly ready: Promise<unknown>;
  end(): void;
}

/**
 * A worker's whole life: takes part in kernels until the worker is ended.
 * @param onReady called as soon as it does; after that the worker hears no message
 */
export async function runThread({ module, memory, self, stack }: WasmThread, onReady: () => void): Promise<void> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const { __stack_pointer: pointer, run_thread: run } = exports;
  if (!(pointer instanceof WebAssembly.Global) || typeof run !== "function")
    throw new Error("WebAssembly: expected a module with threads.");
  pointer.value = stack;
  onReady();
  run(self);
}
