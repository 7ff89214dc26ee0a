import type { SavedAnswering } from "../files/model-file.js";
import type { Sources } from "../models/sources.js";
import { SequenceWriter } from "../models/sources.js";
import { CaptionPairs } from "./captions/caption-codec.js";
import { loadPictures, pictureFile } from "./captions/load-pictures.js";
import { type NetworkPlaces, type PictureReading, restoreReading } from "./captions/picture-formats.js";
import { Pictures } from "./captions/pictures.js";
import { FramePairs } from "./sounds/frame-codec.js";
import { Frames } from "./sounds/frames.js";
import { readFrames } from "./sounds/recordings.js";

/** Reads what a model is asked, each by its text or the name of its file. @throws DataError for what it cannot read */
export type Reader = (inputs: readonly string[]) => Promise<Sources>;

/** How a model's questions are read. @param places of the network that a captioner may need */
export function openReader({ tokenizer }: SavedAnswering, places: NetworkPlaces = {}): Reader {
  if (tokenizer instanceof CaptionPairs) return pictureReader(tokenizer, places);
  if (tokenizer instanceof FramePairs) return frameReader(tokenizer);
  return async (inputs) => {
    const writer = new SequenceWriter();
    for (const input of inputs) writer.add(tokenizer.source.encode(input));
    return writer.finish();
  };
}

function frameReader({ source: { frames, frameSize } }: FramePairs): Reader {
  const read = (path: string): Float32Array => frames.encode(path, readFrames(path, frames.isSound ? ".wav" : ".npy"));
  return async (inputs) => new Frames(frameSize, inputs.map(read));
}

function pictureReader({ source: { format, picture } }: CaptionPairs, places: NetworkPlaces): Reader {
  let reading: PictureReading | undefined;
  return async (inputs) => {
    reading ??= await restoreReading(format, places);
    const { values } = await loadPictures(inputs.map(pictureFile), reading);
    const { height, width, channels } = picture;
    return new Pictures(
      [height, width, channels],
      values.flatMap((each) => each ?? []),
      format,
    );
  };
}
