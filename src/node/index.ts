export { openBackend } from "./backend.js";
export { DataOptions, findFile, loadPairs } from "./datasets.js";
export { loadLanguageModel, loadModel, loadSeq2Seq, saveModel } from "./files.js";
export { requireHuggingFace } from "./hugging-face.js";
export { PairFileOptions } from "./pair-file-options.js";
export { openPairs, type PairSource } from "./pair-files.js";
export { openTask, type Task, TaskOptions } from "./tasks.js";
export { FileText } from "./text-file.js";
export { loadText, type TextSource } from "./texts.js";
