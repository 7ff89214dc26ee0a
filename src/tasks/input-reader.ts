import type { Sources } from "../models/sources.js";
import { SequenceWriter } from "../models/sources.js";
import type { SavedAnswering } from "../tasks/model-kinds.js";
import { CaptionPairs } from "./captions/caption-codec.js";
import type { PictureReading } from "./captions/load-pictures.js";
import type { NetworkChoice, PicturePorts } from "./captions/picture-reading.js";
import { FramePairs } from "./sounds/frame-codec.js";

/** Turns the inputs of a model, each a text or the name of its file, into numbers. @throws DataError for unreadable ones */
export type InputReader = (inputs: readonly string[]) => Promise<Sources>;

/** The reader of a model's inputs. @param choice the network that a captioner may need */
export function openInputReader(
  { tokenizer }: SavedAnswering,
  ports: PicturePorts,
  choice: NetworkChoice = {},
): InputReader {
  if (tokenizer instanceof CaptionPairs) return pictureReader(tokenizer, ports, choice);
  if (tokenizer instanceof FramePairs) return frameReader(tokenizer, ports);
  return async (inputs) => {
    const writer = new SequenceWriter();
    for (const input of inputs) writer.add(tokenizer.source.encode(input));
    return writer.finish();
  };
}

function frameReader({ source: { frames, frameSize } }: FramePairs, { files }: PicturePorts): InputReader {
  return async (inputs) => {
    const [{ readFrames }, { Frames }] = await Promise.all([
      import("./sounds/recordings.js"),
      import("./sounds/frames.js"),
    ]);
    const kind = frames.isSound ? ".wav" : ".npy";
    return new Frames(
      frameSize,
      inputs.map((path) => frames.encode(path, readFrames(path, kind, files))),
    );
  };
}

function pictureReader(
  { source: { format, picture } }: CaptionPairs,
  ports: PicturePorts,
  choice: NetworkChoice,
): InputReader {
  let reading: PictureReading | undefined;
  return async (inputs) => {
    const { restoreReading } = await import("./captions/picture-reading.js");
    const { loadPictures, pictureFile } = await import("./captions/load-pictures.js");
    const { Pictures } = await import("./captions/pictures.js");
    reading ??= await restoreReading(format, choice, ports);
    const { values } = await loadPictures(
      inputs.map((path) => pictureFile(path, ports)),
      reading,
    );
    const { height, width, channels } = picture;
    return new Pictures(
      [height, width, channels],
      values.flatMap((each) => each ?? []),
      format,
    );
  };
}
