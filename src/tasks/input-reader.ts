import { SequenceWriter } from "../models/sequences.js";
import type { Sources } from "../models/sources.js";
import type { SavedAnswering } from "../tasks/model-kinds.js";
import type { PictureReading } from "./captions/load-pictures.js";
import type { NetworkChoice, PicturePorts } from "./captions/picture-reading.js";
import { PictureTargets } from "./captions/picture-targets.js";
import { FrameTargets } from "./sounds/frame-targets.js";

/** Turns the inputs of a model, each a text or the name of its file, into numbers. @throws DataError for unreadable ones */
export type InputReader = (inputs: readonly string[]) => Promise<Sources>;

/** The reader of a model's inputs. @param choice the network that a captioner may need */
export function openInputReader(
  { tokenizer }: SavedAnswering,
  ports: PicturePorts,
  choice: NetworkChoice = {},
): InputReader {
  if (tokenizer instanceof PictureTargets) return pictureReader(tokenizer, ports, choice);
  if (tokenizer instanceof FrameTargets) return frameReader(tokenizer, ports);
  return async (inputs) => {
    const writer = new SequenceWriter();
    for (const input of inputs) writer.add(tokenizer.encodeSource(input));
    return writer.finish();
  };
}

function frameReader({ frames, frameSize }: FrameTargets, { files }: PicturePorts): InputReader {
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

function pictureReader({ format, picture }: PictureTargets, ports: PicturePorts, choice: NetworkChoice): InputReader {
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
