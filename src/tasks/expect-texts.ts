import { DataError } from "../engine/errors.js";
import type { PairCodec } from "../text/codec.js";
import { CaptionPairs } from "./captions/caption-codec.js";
import { isTextCodec, type TextCodec } from "./pairs/text-codec.js";
import { FramePairs } from "./sounds/frame-codec.js";

/** @throws DataError for a model that reads something else, naming the data */
export function expectTexts(tokenizer: PairCodec, name: string): TextCodec {
  if (isTextCodec(tokenizer)) return tokenizer;
  throw otherData(tokenizer, name, "texts");
}

/** An error for data of another kind than those that a model reads. */
export function otherData(tokenizer: PairCodec, name: string, got: string): DataError {
  const hint = "the data must be of the kind that the model was trained on";
  return new DataError(`${name}: expected ${readBy(tokenizer)}, which the model reads, got ${got}.`, hint);
}

function readBy(tokenizer: PairCodec): string {
  if (tokenizer instanceof CaptionPairs) return "pictures";
  if (tokenizer instanceof FramePairs) return tokenizer.source.frames.isSound ? ".wav files" : ".npy files";
  return "texts";
}
