import { readFileSync } from "node:fs";
import type { Backend, BackendName, Precision } from "../backend/backend.js";
import { openReference } from "../backend/reference.js";
import { openWasm } from "../backend/wasm.js";
import { SeqloomError } from "../errors.js";
import { addonPath, kernelFolder, openNative } from "./native.js";

const openers: Record<BackendName, () => Backend | Promise<Backend>> = {
  native() {
    const backend = openNative();
    if (backend) return backend;
    throw new SeqloomError(`Native backend: expected ${addonPath()}, got no such file.`, "run npm run build");
  },
  wasm: () => openWasm(readFileSync(new URL("kernels.wasm", kernelFolder))),
  reference: openReference,
};

/** Opens a backend: the one asked for, or else the native one, or WebAssembly where this platform has no addon. */
export async function openBackend(
  name?: BackendName,
  _options: { threads?: number | undefined; precision?: Precision | undefined } = {},
): Promise<Backend> {
  if (name) return openers[name]();
  return openNative() ?? openers.wasm();
}
