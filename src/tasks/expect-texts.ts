import { DataError } from "../engine/errors.js";
import type { Targets } from "../text/targets.js";
import { PictureTargets } from "./captions/picture-targets.js";
import type { PairTokenizer } from "./pairs/pair-tokenizer.js";
import { FrameTargets } from "./sounds/frame-targets.js";

/** @throws DataError for a model that reads something else, naming the data */
export function expectTexts(tokenizer: Targets, name: string): PairTokenizer {
  const readsTexts = (one: Targets): one is PairTokenizer => "encodeSource" in one;
  if (readsTexts(tokenizer)) return tokenizer;
  throw otherData(tokenizer, name, "texts");
}

/** An error for data of another kind than those that a model reads. */
export function otherData(tokenizer: Targets, name: string, got: string): DataError {
  const hint = "the data must be of the kind that the model was trained on";
  return new DataError(`${name}: expected ${readBy(tokenizer)}, which the model reads, got ${got}.`, hint);
}

function readBy(tokenizer: Targets): string {
  if (tokenizer instanceof PictureTargets) return "pictures";
  if (tokenizer instanceof FrameTargets) return tokenizer.frames.isSound ? ".wav files" : ".npy files";
  return "texts";
}
