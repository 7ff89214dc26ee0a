import { HuggingFace } from "../text/hugging-face.js";
import { readBytes } from "./files.js";

/** Reads a tokenizer.json of Hugging Face's. */
export function readTokenizer(path: string): HuggingFace {
  return HuggingFace.read(path, new TextDecoder().decode(readBytes(path, "a tokenizer.json")));
}
