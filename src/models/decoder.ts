import type { Backend } from "../backend/backend.js";
import { cells } from "../layers/cells.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import { Output, type OutputInput } from "../layers/output.js";
import type { Recurrent, RecurrentState } from "../layers/recurrent.js";
import type { Ints, Param, Tensor } from "../tensor.js";
import type { Sizes } from "./encoder.js";

/** Writes a sequence, starting from the encoder's state: ids (N, T) in, the next id's logits (N, T, V) out. */
export class Decoder implements Layer {
  readonly params: readonly Param[];
  protected readonly backend: Backend;
  readonly #embedding: Embedding;
  readonly #recurrent: Recurrent;
  readonly #output: Output;

  /** @param C size of the context that the recurrent and the linear layer see in every step */
  constructor(backend: Backend, { V, D, H, cell = "lstm" }: Sizes, C = 0) {
    this.backend = backend;
    this.#embedding = new Embedding(backend, { V, D }, "decoder.embedding");
    this.#recurrent = new cells[cell](backend, { D, H, C, stateful: true }, `decoder.${cell}`);
    this.#output = new Output(backend, { D: H, V, C }, { name: "decoder.linear" });
    this.params = [...this.#embedding.params, ...this.#recurrent.params, ...this.#output.params];
  }

  /** The mean loss in nats per token of `labels` (N, T), the ids after each of `ids` (N, T). */
  forward(ids: Ints, labels: Ints, encoded: RecurrentState): number {
    return this.#output.forward(this.#read(ids, labels, encoded));
  }

  /** The loss of each token, (N, T) nats, without keeping anything for `backward`. */
  losses(ids: Ints, labels: Ints, encoded: RecurrentState): Tensor {
    return this.#output.losses(this.#read(ids, labels, encoded));
  }

  /** Makes the next step start from `encoded`. */
  start(encoded: RecurrentState): void {
    this.#recurrent.state = encoded;
  }

  /** The logits (N, T, V) after `ids` (N, T); goes on from where the last call ended, for generation. */
  step(ids: Ints, encoded: RecurrentState): Tensor {
    const context = this.context(encoded);
    return this.#output.logits(this.#hidden(ids, context), context);
  }

  /** Adds to the gradients of all parameters. @returns the gradient of the encoder's state */
  backward(): RecurrentState {
    const dxs = this.#recurrent.backward(this.#output.backward());
    if (dxs) this.#embedding.backward(dxs);
    const { dState } = this.#recurrent;
    if (!dState) throw new Error("Decoder.backward: expected a forward pass before it.");
    for (const dContext of [this.#recurrent.dContext, this.#output.dContext])
      if (dContext) this.backend.kernels.accumulate({ ys: dState.h }, { xs: dContext }, { R: dContext.size });
    return dState;
  }

  #read(ids: Ints, targets: Ints, encoded: RecurrentState): OutputInput {
    this.start(encoded);
    const context = this.context(encoded);
    return { xs: this.#hidden(ids, context), context, targets };
  }

  #hidden(ids: Ints, context: Tensor | undefined): Tensor {
    return this.#recurrent.forward(this.#embedding.sequence(ids), { context });
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
