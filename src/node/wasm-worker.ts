// A worker_threads worker that is one thread of the WebAssembly backend; see openBackend.
import { parentPort, workerData } from "node:worker_threads";
import { runThread } from "../engine/backend/wasm-thread.js";

await runThread(workerData, () => parentPort?.postMessage("ready"));
