import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import {
  type Backend,
  type BackendName,
  type BackendOptions,
  backendNames,
  precisions,
} from "../engine/backend/backend.js";
import { openReference } from "../engine/backend/reference.js";
import { openWasm } from "../engine/backend/wasm.js";
import { MOST_THREADS, type StartedThread, type WasmThread } from "../engine/backend/wasm-thread.js";
import { OptionError, SeqloomError } from "../engine/errors.js";
import { addonPath, kernelFolder, type NativeOptions, openNative } from "./native.js";

type Opener = (options: NativeOptions) => Backend | Promise<Backend>;

const openers: Record<BackendName, Opener> = {
  native(options) {
    const backend = openNative(options);
    if (backend) return backend;
    throw new SeqloomError(`Native backend: expected ${addonPath()}, got no such file.`, "run npm run build");
  },
  wasm(options) {
    const file = new URL("kernels.wasm", kernelFolder);
    if (existsSync(file)) return openWasm(readFileSync(file), { ...options, startThread });
    throw new SeqloomError(`WebAssembly: expected ${fileURLToPath(file)}, got no such file.`, "run npm run build");
  },
  reference: openReference,
};

/** Opens a backend: the one asked for, or else the native one, or WebAssembly where this platform has no addon. */
export async function openBackend(name?: BackendName, options: BackendOptions = {}): Promise<Backend> {
  const { threads = availableParallelism(), precision = "float32" } = options;
  if (!Number.isInteger(threads) || threads < 1)
    throw new OptionError(`threads: expected an integer of at least 1, got ${JSON.stringify(threads)}.`);
  expectOneOf("precision", precision, precisions);
  if (name !== undefined) expectOneOf("backend", name, backendNames);
  const chosen = { threads: Math.min(threads, MOST_THREADS), precision };
  return name ? openers[name](chosen) : (openNative(chosen) ?? openers.wasm(chosen));
}

function expectOneOf(option: string, value: string, known: readonly string[]): void {
  if (!known.includes(value))
    throw new OptionError(`${option}: expected one of ${known.join(", ")}, got ${JSON.stringify(value)}.`);
}

/** The file is the same from src/node and from dist/node. */
const workerFile = new URL("../../dist/node/wasm-worker.js", import.meta.url);

function startThread(thread: WasmThread): StartedThread {
  const worker = new Worker(workerFile, { workerData: thread, name: `seqloom-${thread.self}` });
  const ready = once(worker, "message").then(() => worker.unref());
  return { ready, end: () => void worker.terminate() };
}
