import { SequenceWriter } from "../data/sequences.js";
import type { Sources } from "../data/sources.js";
import { DataError } from "../errors.js";
import type { SavedAnswering } from "../files/model-file.js";

/** Reads what a model is asked, each by its text or the name of its file. @throws DataError for what it cannot read */
export type Reader = (inputs: readonly string[]) => Promise<Sources>;

/** How a model's questions are read. */
export function openReader({ tokenizer }: SavedAnswering): Reader {
  if (!("sourceSize" in tokenizer))
    throw new DataError("Expected a model that reads texts, got one that sees pictures.");
  return async (inputs) => {
    const writer = new SequenceWriter();
    for (const input of inputs) writer.add(tokenizer.encodeSource(input));
    return writer.finish();
  };
}
