import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { packPairs } from "../models/pack.js";
import type { Sources } from "../models/sources.js";
import { encodeTextPairs } from "../tasks/pairs/pair-data.js";
import type { TextPair } from "../tasks/pairs/pair-formats.js";
import type { PairTokenizer } from "../tasks/pairs/pair-tokenizer.js";
import type { PairSet } from "../tasks/pairs/pairs.js";
import { answerBatches } from "./answer.js";

/**
 * The natural logarithm of the probability that a model gives to each target as the answer to its source.
 * @throws DataError for a text that the model cannot read
 */
export function forcedScores(
  backend: Backend,
  model: EncoderDecoder,
  tokenizer: PairTokenizer,
  pairs: Iterable<TextPair>,
): number[] {
  return forcedSetScores(backend, model, encodeTextPairs(tokenizer, pairs).set);
}

/** The same of pairs whose sources may be no text. */
export function forcedSetScores(backend: Backend, model: EncoderDecoder, set: PairSet<Sources>): number[] {
  const workspace = new Workspace(backend.arena);
  const scores: number[] = [];
  for (const rows of answerBatches(set, model.config.targetVocabSize)) {
    const batch = packPairs(workspace, set, rows);
    const losses = model.losses(batch);
    const T = losses.length / rows.length;
    for (const [n, row] of rows.entries())
      scores[row] = losses.subarray(n * T, (n + 1) * T).reduce((sum, loss) => sum - loss, 0);
  }
  workspace.free();
  return scores;
}
