import { createRequire } from "node:module";
import type { HuggingFaceLibrary } from "../text/hugging-face.js";

/** An optional peer dependency. */
const PACKAGE = "@huggingface/tokenizers";

/** The package that reads tokenizers of Hugging Face, or undefined where it is not installed. */
export function requireHuggingFace(): HuggingFaceLibrary | undefined {
  try {
    const library: unknown = createRequire(import.meta.url)(PACKAGE);
    return isLibrary(library) ? library : undefined;
  } catch {
    return undefined;
  }
}

function isLibrary(library: unknown): library is HuggingFaceLibrary {
  return typeof library === "object" && library !== null && "Tokenizer" in library;
}
