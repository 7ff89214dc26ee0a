import type { Backend } from "../engine/backend/backend.js";
import { writeModel } from "../files/model-file.js";
import {
  expectLanguageModel,
  expectSeq2Seq,
  readModel,
  restoreModel,
  type SavedLanguageModel,
  type SavedModel,
  type SavedSeq2Seq,
} from "../tasks/model-kinds.js";
import "./data-files.js"; // for models that hold a Hugging Face tokenizer
import { readBytes, writeWhole } from "./files.js";

/** Writes a model file. */
export function saveModel(path: string, saved: SavedModel): void {
  writeWhole(path, writeModel(saved));
}

/** Reads a model file that holds a seq2seq model. @throws DataError where it holds another kind */
export function loadSeq2Seq(path: string, backend: Backend): SavedSeq2Seq {
  return expectSeq2Seq(path, loadModel(path, backend));
}

/** Reads a model file that holds a language model. @throws DataError where it holds another kind */
export function loadLanguageModel(path: string, backend: Backend): SavedLanguageModel {
  return expectLanguageModel(path, loadModel(path, backend));
}

/** Reads a model file and makes its model, of whatever kind. */
export function loadModel(path: string, backend: Backend): SavedModel {
  return restoreModel(backend, readModel(path, readBytes(path, "a model file")));
}
