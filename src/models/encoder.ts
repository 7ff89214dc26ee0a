import type { Backend } from "../backend/backend.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import { LSTM, type LSTMState } from "../layers/lstm.js";
import type { Ints, Param } from "../tensor.js";

/** Sizes of an encoder or a decoder: V vocabulary, D embedding, H hidden state. */
export interface Sizes {
  readonly V: number;
  readonly D: number;
  readonly H: number;
}

/** Reads a sequence of ids (N, S) into the state after its last step; reversed, it reads from the last id to the first. */
export class Encoder implements Layer {
  readonly params: readonly Param[];
  readonly #embedding: Embedding;
  readonly #lstm: LSTM;

  constructor(backend: Backend, { V, D, H }: Sizes, reverse: boolean) {
    this.#embedding = new Embedding(backend, { V, D }, "encoder.embedding");
    this.#lstm = new LSTM(backend, { D, H, reverse }, "encoder.lstm");
    this.params = [...this.#embedding.params, ...this.#lstm.params];
  }

  /** @param lengths (N) how many ids each row has; the rest is padding */
  forward(ids: Ints, lengths?: Ints): Required<LSTMState> {
    this.#lstm.forward(this.#embedding.sequence(ids), { lengths });
    const { last } = this.#lstm;
    if (!last) throw new Error("Encoder.forward: expected a state.");
    return last;
  }

  /** @param dState gradient of the state that `forward` returned */
  backward(dState: LSTMState): void {
    const dxs = this.#lstm.backward(undefined, dState);
    if (dxs) this.#embedding.backward(dxs);
  }
}
