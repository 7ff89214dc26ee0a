import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { type EncodedPairs, packPairs } from "../models/sources.js";
import { answerBatches } from "./answer.js";

/**
 * The natural logarithm of the probability that a model gives to each target as the answer to its source (teacher forcing).
 *
 * @example
 * const [score] = forcedScores(backend, model, encodePairs(tokenizer, [{ source: "16+75", target: "91" }]));
 */
export function forcedScores(backend: Backend, model: EncoderDecoder, pairs: EncodedPairs): number[] {
  const workspace = new Workspace(backend.arena);
  const scores: number[] = [];
  for (const rows of answerBatches(pairs, model.config.targetVocabSize)) {
    const batch = packPairs(workspace, pairs, rows);
    const losses = model.losses(batch);
    const T = losses.length / rows.length;
    for (const [n, row] of rows.entries())
      scores[row] = losses.subarray(n * T, (n + 1) * T).reduce((sum, loss) => sum - loss, 0);
  }
  workspace.free();
  return scores;
}
