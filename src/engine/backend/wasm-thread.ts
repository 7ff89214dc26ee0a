/** Data that a worker needs to run as a thread of the WebAssembly backend; it can be sent by `postMessage`. */
export interface WasmThread {
  /** The compiled kernels. */
  readonly module: WebAssembly.Module;
  /** The shared memory of all threads. */
  readonly memory: WebAssembly.Memory;
  /** Thread number, from 1: number 0 is the thread that opened the backend. */
  readonly self: number;
  /** Upper end of the thread's stack, as a byte offset. */
  readonly stack: number;
}

/** Largest number of threads, the same as MOST_THREADS in kernels/threads.h. */
export const MOST_THREADS = 64;

/** Handle of a thread that was started. */
export interface StartedThread {
  /** Resolves when the thread is ready to run kernels, and rejects when it could not start. */
  readonly ready: Promise<unknown>;
  /** Stops the thread. */
  end(): void;
}

/**
 * Runs kernels in a worker until the worker is terminated.
 * @param onReady called once, before the thread starts to wait for work; the worker receives no message afterwards
 */
export async function runThread({ module, memory, self, stack }: WasmThread, onReady: () => void): Promise<void> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const { __stack_pointer: pointer, run_thread: run } = exports;
  if (!(pointer instanceof WebAssembly.Global) || typeof run !== "function")
    throw new Error("WebAssembly: expected a module with threads, got one without.");
  pointer.value = stack;
  onReady();
  run(self);
}
