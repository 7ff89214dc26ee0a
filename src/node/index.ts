export { openBackend } from "./backend.js";
export { DataOptions, findFile, loadPairs } from "./datasets.js";
export { loadLanguageModel, loadModel, loadSeq2Seq, saveModel } from "./files.js";
export { FileText } from "./text-file.js";
export { loadText, type TextSource } from "./texts.js";
