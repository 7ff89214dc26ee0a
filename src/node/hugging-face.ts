import { HuggingFace, type HuggingFaceLibrary } from "../text/hugging-face.js";
import { readBytes } from "./files.js";

/** An optional peer dependency: a name that no compiler and no bundler follows. */
const PACKAGE: string = "@huggingface/tokenizers";

/** The package that reads tokenizers of Hugging Face, or undefined where it is not installed. */
export async function importHuggingFace(): Promise<HuggingFaceLibrary | undefined> {
  const library: unknown = await import(PACKAGE).catch(() => undefined);
  return isLibrary(library) ? library : undefined;
}

function isLibrary(library: unknown): library is HuggingFaceLibrary {
  return typeof library === "object" && library !== null && "Tokenizer" in library;
}

/** Reads a tokenizer.json. @throws DataError where it is none, or the package is missing */
export async function readHuggingFace(path: string): Promise<HuggingFace> {
  const text = new TextDecoder().decode(readBytes(path, "a tokenizer.json"));
  return HuggingFace.read(path, text, await importHuggingFace());
}
