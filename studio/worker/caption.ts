import {
  type Backend,
  Captioner,
  CaptionPairs,
  DataError,
  gridOf,
  Pictures,
  predictSources,
  type SavedModel,
} from "seqloom";
import type { AskOptions, Caption } from "../messages.js";
import { idsOf } from "./answer.js";
import { pixelsOf } from "./picture.js";

/** Captions a picture as `seqloom predict` does. @throws DataError for a model that the page cannot run */
export function caption(
  backend: Backend,
  saved: SavedModel,
  picture: ImageBitmap,
  { suppress, ...options }: AskOptions,
): Caption {
  const { model, tokenizer } = saved;
  if (!(model instanceof Captioner && tokenizer instanceof CaptionPairs))
    throw new DataError("Expected a captioning model, got one that reads text.", "ask it a question instead");
  const { format } = tokenizer.source;
  if (format.network)
    throw new DataError(
      `Expected a captioning model that reads pixels, got one that uses the image network ${format.network.file}.`,
      "use it on the command line: seqloom predict",
    );
  const { height, width } = format;
  const sources = new Pictures([height, width, 3], [pixelsOf(picture, format)], format);
  const [found] = predictSources(
    backend,
    model,
    tokenizer,
    { inputs: [""], sources },
    {
      ...options,
      suppress: idsOf(suppress, tokenizer.target.tokenizer),
      keepAttention: model.config.decoder === "attention",
    },
  );
  if (!found) throw new Error("caption: expected an answer.");
  const { attention, ...answer } = found;
  if (!attention) return answer;
  const grid = gridOf(format, attention.source.length);
  return { ...answer, looks: { ...grid, words: attention.target, shares: attention.weights.map((row) => [...row]) } };
}
