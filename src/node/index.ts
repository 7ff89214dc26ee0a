export { openBackend } from "./backend.js";
export { DataOptions, findFile, loadPairs } from "./datasets.js";
export { loadModel, saveModel } from "./files.js";
