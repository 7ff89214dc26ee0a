import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { LanguageModel } from "../models/language-model.js";
import type { TokenText } from "../tasks/texts/text.js";

export interface TextEvaluation {
  readonly protocol: "book" | "exact";
  /** Tokens that were predicted. */
  readonly count: number;
  /** Mean loss in nats per token. */
  readonly loss: number;
  readonly perplexity: number;
  readonly bitsPerToken: number;
}

/**
 * Ways to cut a text for evaluation.
 * - `book`: 10 streams from a cold start, windows of 35, and what does not fill a window in all streams is left out.
 * - `exact`: one stream from a cold start, every token counted once.
 */
const protocols = {
  book: { N: 10, T: 35 },
  exact: { N: 1, T: 350 },
} as const;

/** Scores how well a model predicts a text, and leaves its state as it was. */
export function evaluateText(
  backend: Backend,
  model: LanguageModel,
  text: TokenText,
  protocol: "book" | "exact",
): TextEvaluation {
  const { N, T } = protocols[protocol];
  const workspace = new Workspace(backend.arena);
  const steps = text.length - 1;
  const stride = Math.floor(steps / N);
  const windows = protocol === "book" ? Math.floor(stride / T) : Math.ceil(steps / T);
  const state = model.keepState();
  model.state = undefined;
  let [total, count] = [0, 0];
  for (let window = 0; window < windows; window++) {
    const width = Math.min(T, stride - window * T);
    const [inputs, targets] = [workspace.ints("inputs", [N, width]), workspace.ints("targets", [N, width])];
    for (let n = 0; n < N; n++) {
      const from = n * stride + window * T;
      const tokens = text.read(from, from + width + 1);
      inputs.data.set(tokens.subarray(0, width), n * width);
      targets.data.set(tokens.subarray(1), n * width);
    }
    for (const loss of model.losses({ inputs, targets })) total += loss;
    count += N * width;
  }
  model.state = state;
  workspace.free();
  const loss = total / count;
  return { protocol, count, loss, perplexity: Math.exp(loss), bitsPerToken: loss / Math.LN2 };
}
