export { type CaptionList, openCaptions } from "../tasks/captions/caption-files.js";
export {
  type CaptionData,
  type CaptionPorts,
  CaptionTask,
  CaptionTaskOptions,
  openCaptionTask,
} from "../tasks/captions/caption-task.js";
export { FeatureCache, type FeatureStore } from "../tasks/captions/feature-cache.js";
export {
  loadPictures,
  type PictureLibrary,
  type PictureReading,
  paintedScene,
  pictureFile,
} from "../tasks/captions/load-pictures.js";
export {
  type NetworkChoice,
  openNetwork,
  type PicturePorts,
  restoreReading,
} from "../tasks/captions/picture-reading.js";
export { frameKindOf } from "../tasks/files.js";
export { type InputReader, openInputReader } from "../tasks/input-reader.js";
export { openTask } from "../tasks/open-task.js";
export { DataOptions, loadPairs } from "../tasks/pairs/datasets.js";
export { PairFileOptions } from "../tasks/pairs/pair-file-options.js";
export { openPairs, type PairSource } from "../tasks/pairs/pair-files.js";
export { logMel } from "../tasks/sounds/log-mel.js";
export { readFrames } from "../tasks/sounds/recordings.js";
export { loadSpokenDigits } from "../tasks/sounds/speak-digits.js";
export { TaskOptions } from "../tasks/task.js";
export { FileText } from "../tasks/texts/text-file.js";
export { loadText, type TextSource } from "../tasks/texts/texts.js";
export { openBackend } from "./backend.js";
export { nodeFiles, nodePorts, requireHuggingFace } from "./data-files.js";
export { folderStorage } from "./files.js";
export { loadLanguageModel, loadModel, loadSeq2Seq, saveModel } from "./model-files.js";
export {
  decodePicture,
  nodePicturePorts,
  readPicture,
  requireOnnx,
  requireSharp,
} from "./packages.js";
