import { createRequire } from "node:module";
import type { OnnxRuntime } from "../tasks/captions/onnx-runtime.js";

/** An optional peer dependency. */
const PACKAGE = "onnxruntime-node";

/** The package that runs image networks, or undefined where it is not installed. */
export function requireOnnx(load: (name: string) => unknown = createRequire(import.meta.url)): OnnxRuntime | undefined {
  try {
    const runtime = load(PACKAGE);
    return isRuntime(runtime) ? runtime : undefined;
  } catch {
    return undefined;
  }
}

function isRuntime(runtime: unknown): runtime is OnnxRuntime {
  return typeof runtime === "object" && runtime !== null && "InferenceSession" in runtime && "Tensor" in runtime;
}
