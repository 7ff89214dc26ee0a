import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import type { TextBatch } from "../models/language-model.js";
import type { TokenText } from "../tasks/texts/text.js";
import type { BatchSource } from "./batches.js";

/**
 * N windows of T tokens, side by side: N streams start evenly spaced in the text and continue from batch to batch, to its
 * end and again from its beginning, as the book's trainer reads it.
 */
export class TextBatches implements BatchSource<TextBatch> {
  readonly perEpoch: number;
  readonly tokensPerBatch: number;
  readonly #text: TokenText;
  readonly #sizes: { N: number; T: number };
  readonly #batch: TextBatch;

  constructor(backend: Backend, text: TokenText, { N, T }: { N: number; T: number }) {
    const workspace = new Workspace(backend.arena);
    this.#text = text;
    this.#sizes = { N, T };
    this.perEpoch = Math.max(1, Math.floor((text.length - 1) / (N * T)));
    this.tokensPerBatch = N * T;
    this.#batch = { inputs: workspace.ints("inputs", [N, T]), targets: workspace.ints("targets", [N, T]) };
  }

  batch(epoch: number, index: number): TextBatch {
    const { N, T } = this.#sizes;
    const steps = this.#text.length - 1; // each has a token to read and one to predict
    const passed = ((epoch - 1) * this.perEpoch + index) * T;
    const [inputs, targets] = [this.#batch.inputs.data, this.#batch.targets.data];
    for (let n = 0; n < N; n++) {
      const first = n * Math.floor(steps / N) + passed;
      for (let t = 0; t < T; ) {
        const from = (first + t) % steps;
        const count = Math.min(T - t, steps - from);
        const tokens = this.#text.read(from, from + count + 1);
        inputs.set(tokens.subarray(0, count), n * T + t);
        targets.set(tokens.subarray(1), n * T + t);
        t += count;
      }
    }
    return this.#batch;
  }
}
