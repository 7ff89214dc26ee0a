import type { Ints, Tensor } from "../engine/tensor.js";
import type { Encoded } from "../models/encoder.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import type { StepModel } from "./step-model.js";

/** The sources that a seq2seq model has encoded, as a search takes them up. */
export class EncodedSources implements StepModel {
  readonly #model: EncoderDecoder;
  readonly #encoded: Encoded;

  constructor(model: EncoderDecoder, encoded: Encoded) {
    this.#model = model;
    this.#encoded = encoded;
  }

  get vocabSize(): number {
    return this.#model.config.targetVocabSize;
  }

  begin(B: number): { N: number; lengths: Ints | undefined } {
    const { hs, lengths } = this.#encoded;
    this.#model.start(this.#encoded, B);
    return { N: hs.shape[0] ?? 0, lengths };
  }

  step(ids: Ints): Tensor {
    return this.#model.step(ids);
  }

  reorder(parents: Ints): void {
    this.#model.reorder(parents);
  }

  get attention(): Tensor | undefined {
    return this.#model.attention;
  }
}
