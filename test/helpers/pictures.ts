import { createRequire } from "node:module";
import { provideOnnx } from "../../src/data/onnx-runtime.js";
import { requireOnnx } from "../../src/node/onnx.js";

const isRequired = process.env["SEQLOOM_REQUIRE_ALL"] === "1";
const require = createRequire(import.meta.url);

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** For `test.skipIf`: true where a package is missing, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutSharp = !isInstalled("sharp") && !isRequired;
export const skipWithoutOnnx = !isInstalled("onnxruntime-node") && !isRequired;

provideOnnx(requireOnnx);
