import { type Backend, openWasm, type StartedThread, type WasmThread } from "seqloom";
import kernels from "seqloom/kernels.wasm?url";

/** Number of threads: 1 unless the page is cross-origin isolated. More than 8 do not help models of this size. */
export const threads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 8) : 1;

let bytes: Promise<ArrayBuffer> | undefined;

async function fetchKernels(): Promise<ArrayBuffer> {
  const response = await fetch(kernels);
  if (!response.ok) throw new Error(`kernels.wasm: expected to load it, got status ${response.status}.`);
  return response.arrayBuffer();
}

function startThread(thread: WasmThread): StartedThread {
  const worker = new Worker(new URL("./thread.ts", import.meta.url), { type: "module" });
  const ready = new Promise((resolve, reject) => {
    worker.addEventListener("message", resolve, { once: true });
    worker.addEventListener("error", reject, { once: true });
  });
  worker.postMessage(thread);
  return { ready, end: () => worker.terminate() };
}

/** Opens a backend with its own memory, which `close` frees. @throws SeqloomError if SIMD is missing */
export async function openEngine(): Promise<Backend> {
  bytes ??= fetchKernels();
  return openWasm(await bytes, threads > 1 ? { threads, startThread } : {});
}
