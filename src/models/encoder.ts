import type { Backend } from "../backend/backend.js";
import { type CellName, cells } from "../layers/cells.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import type { Recurrent, RecurrentState } from "../layers/recurrent.js";
import type { Ints, Param } from "../tensor.js";

/** Sizes of an encoder or a decoder: V vocabulary, D embedding, H hidden state; and its recurrent layer. */
export interface Sizes {
  readonly V: number;
  readonly D: number;
  readonly H: number;
  /** @default "lstm" */
  readonly cell?: CellName;
}

/** Reads a sequence of ids (N, S) into the state after its last step; reversed, it reads from the last id to the first. */
export class Encoder implements Layer {
  readonly params: readonly Param[];
  readonly #embedding: Embedding;
  readonly #recurrent: Recurrent;

  constructor(backend: Backend, { V, D, H, cell = "lstm" }: Sizes, reverse: boolean) {
    this.#embedding = new Embedding(backend, { V, D }, "encoder.embedding");
    this.#recurrent = new cells[cell](backend, { D, H, reverse }, `encoder.${cell}`);
    this.params = [...this.#embedding.params, ...this.#recurrent.params];
  }

  /** @param lengths (N) how many ids each row has; the rest is padding */
  forward(ids: Ints, lengths?: Ints): RecurrentState {
    this.#recurrent.forward(this.#embedding.sequence(ids), { lengths });
    const { last } = this.#recurrent;
    if (!last) throw new Error("Encoder.forward: expected a state.");
    return last;
  }

  /** @param dState gradient of the state that `forward` returned */
  backward(dState: RecurrentState): void {
    const dxs = this.#recurrent.backward(undefined, dState);
    if (dxs) this.#embedding.backward(dxs);
  }
}
