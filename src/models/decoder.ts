import type { Backend } from "../backend/backend.js";
import { cells } from "../layers/cells.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import { Linear } from "../layers/linear.js";
import type { Recurrent, RecurrentState } from "../layers/recurrent.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import type { Sizes } from "./encoder.js";

/** Writes a sequence, starting from the encoder's state: ids (N, T) in, the next id's logits (N, T, V) out. */
export class Decoder implements Layer {
  readonly params: readonly Param[];
  protected readonly backend: Backend;
  readonly #embedding: Embedding;
  readonly #recurrent: Recurrent;
  readonly #linear: Linear;

  /** @param C size of the context that the recurrent and the linear layer see in every step */
  constructor(backend: Backend, { V, D, H, cell = "lstm" }: Sizes, C = 0) {
    this.backend = backend;
    this.#embedding = new Embedding(backend, { V, D }, "decoder.embedding");
    this.#recurrent = new cells[cell](backend, { D, H, C, stateful: true }, `decoder.${cell}`);
    this.#linear = new Linear(backend, { D: H, O: V, C }, "decoder.linear");
    this.params = [...this.#embedding.params, ...this.#recurrent.params, ...this.#linear.params];
  }

  /** Starts from `encoded`, the encoder's state. */
  forward(ids: Ints, encoded: RecurrentState): Tensor {
    this.#recurrent.state = encoded;
    return this.step(ids, encoded);
  }

  /** Goes on from where the last call ended, for generation. */
  step(ids: Ints, encoded: RecurrentState): Tensor {
    const context = this.context(encoded);
    const hs = this.#recurrent.forward(this.#embedding.sequence(ids), { context });
    return this.#linear.forward(hs, context);
  }

  /** Adds to the gradients of all parameters. @returns the gradient of the encoder's state */
  backward(dlogits: Tensor): RecurrentState {
    const dxs = this.#recurrent.backward(this.#linear.backward(dlogits));
    if (dxs) this.#embedding.backward(dxs);
    const { dState } = this.#recurrent;
    if (!dState) throw new Error("Decoder.backward: expected a forward pass before it.");
    for (const dContext of [this.#recurrent.dContext, this.#linear.dContext])
      if (dContext) this.backend.kernels.accumulate({ ys: dState.h }, { xs: dContext }, { R: dContext.size });
    return dState;
  }

  /** What every step is shown of the encoder's state besides starting from it. */
  protected context(_encoded: RecurrentState): Tensor | undefined {
    return undefined;
  }
}

/**
 * A decoder that sees the encoder's hidden state in every step, before the recurrent and before the linear layer.
 *
 * Source: Cho et al. 2014, figure 1; Saito 2018, section 7.4.2.
 */
export class PeekyDecoder extends Decoder {
  constructor(backend: Backend, sizes: Sizes) {
    super(backend, sizes, sizes.H);
  }

  protected override context(encoded: RecurrentState): Tensor {
    return encoded.h;
  }
}
