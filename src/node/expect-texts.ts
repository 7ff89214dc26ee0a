import { DataError } from "../errors.js";
import type { PairTokenizer } from "../text/pair-tokenizer.js";
import type { Targets } from "../text/targets.js";

/** @throws DataError for a model that reads something else */
export function expectTexts(tokenizer: Targets): PairTokenizer {
  const readsTexts = (one: Targets): one is PairTokenizer => "encodeSource" in one;
  if (readsTexts(tokenizer)) return tokenizer;
  throw new DataError("data: expected what the model reads, files of another kind, got texts.");
}
