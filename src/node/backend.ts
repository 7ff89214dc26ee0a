import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { Backend, BackendName, BackendOptions } from "../backend/backend.js";
import { openReference } from "../backend/reference.js";
import { openWasm } from "../backend/wasm.js";
import { MOST_THREADS, type StartedThread, type WasmThread } from "../backend/wasm-thread.js";
import { OptionError, SeqloomError } from "../errors.js";
import { addonPath, kernelFolder, type NativeOptions, openNative } from "./native.js";

type Opener = (options: NativeOptions) => Backend | Promise<Backend>;

const openers: Record<BackendName, Opener> = {
  native(options) {
    const backend = openNative(options);
    if (backend) return backend;
    throw new SeqloomError(`Native backend: expected ${addonPath()}, got no such file.`, "run npm run build");
  },
  wasm(options) {
    return openWasm(readFileSync(new URL("kernels.wasm", kernelFolder)), { ...options, startThread });
  },
  reference: openReference,
};

/** Opens a backend: the one asked for, or else the native one, or WebAssembly where this platform has no addon. */
export async function openBackend(name?: BackendName, options: BackendOptions = {}): Promise<Backend> {
  const { threads = availableParallelism(), precision = "float32" } = options;
  if (!Number.isInteger(threads) || threads < 1) throw new OptionError(`threads: expected 1 or more, got ${threads}.`);
  const chosen = { threads: Math.min(threads, MOST_THREADS), precision };
  return name ? openers[name](chosen) : (openNative(chosen) ?? openers.wasm(chosen));
}

/** The file is the same from src/node and from dist/node. */
const workerFile = new URL("../../dist/node/wasm-worker.js", import.meta.url);

function startThread(thread: WasmThread): StartedThread {
  const worker = new Worker(workerFile, { workerData: thread, name: `seqloom-${thread.self}` });
  const ready = once(worker, "message").then(() => worker.unref());
  return { ready, end: () => void worker.terminate() };
}
