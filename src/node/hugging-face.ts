import { createRequire } from "node:module";
import { HuggingFace, type HuggingFaceLibrary, provideHuggingFace } from "../text/hugging-face.js";
import { readBytes } from "./files.js";

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

/** Reads a tokenizer.json. @throws DataError where it is none, or the package is missing */
export function readHuggingFace(path: string): HuggingFace {
  return HuggingFace.read(path, new TextDecoder().decode(readBytes(path, "a tokenizer.json")), requireHuggingFace());
}

/** Lets model files find the package, when one needs it. */
export function findHuggingFace(): void {
  provideHuggingFace(requireHuggingFace);
}
