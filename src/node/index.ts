export { openBackend } from "./backend.js";
export { DataOptions, findFile, loadPairs } from "./datasets.js";
export { loadLanguageModel, loadModel, loadSeq2Seq, saveModel } from "./files.js";
