import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { CrossEntropy } from "../engine/layers/cross-entropy.js";
import type { Encoded } from "../models/encoder.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";

export interface GreedyOptions {
  /** The token that stands before the first. */
  readonly start: number;
  /** The token that ends an answer; undefined: every answer has `length` tokens. */
  readonly end: number | undefined;
  /** Tokens at most, of all answers or of each, the end not among them: after so many only the end can follow. */
  readonly length: number | ArrayLike<number>;
}

export interface GreedyAnswer {
  /** Without the start and the end. */
  readonly ids: number[];
  /** Natural logarithm of the probability of all its tokens, the end among them. */
  score: number;
}

/** Writes an answer to each of the sources that were encoded, always the most probable next: a search with a beam of 1. */
export function greedy(
  backend: Backend,
  model: EncoderDecoder,
  encoded: Encoded,
  { start, end, length }: GreedyOptions,
): GreedyAnswer[] {
  const N = encoded.hs.shape[0] ?? 0;
  const workspace = new Workspace(backend.arena);
  const loss = new CrossEntropy(backend);
  const next = workspace.ints("next", [N]);
  next.data.fill(start);
  const answers = Array.from({ length: N }, (): GreedyAnswer => ({ ids: [], score: 0 }));
  const limits = answers.map((_, n) => (typeof length === "number" ? length : (length[n] ?? 0)));
  const open = new Set(answers.keys());
  model.start(encoded);
  for (let t = 0; open.size > 0; t++) {
    const logits = model.step(next.as([N, 1]));
    backend.kernels.argmax({ ids: next }, { logits }, { R: N, V: logits.shape[1] ?? 0 });
    const chosen = next.data;
    if (end !== undefined) for (const n of open) if (t === limits[n]) chosen[n] = end;
    const losses = loss.losses(logits, next).data;
    for (const n of open) {
      const [answer, id] = [answers[n], chosen[n] ?? 0];
      if (!answer) continue;
      answer.score -= losses[n] ?? 0;
      if (id !== end) answer.ids.push(id);
      if (id === end || (end === undefined && t + 1 >= (limits[n] ?? 0))) open.delete(n);
    }
  }
  workspace.free();
  loss.free();
  return answers;
}
