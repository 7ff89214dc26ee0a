import type { Backend } from "../backend/backend.js";
import { Bidirectional } from "../layers/bidirectional.js";
import { type CellName, cells } from "../layers/cells.js";
import { Dropout, type Phase } from "../layers/dropout.js";
import { Embedding } from "../layers/embedding.js";
import type { Layer } from "../layers/layer.js";
import type { Recurrent, RecurrentState } from "../layers/recurrent.js";
import { type Ints, type Param, Tensor } from "../tensor.js";

/** What encoder and decoder are made of. */
export interface Sizes {
  readonly V: number;
  readonly D: number;
  readonly H: number;
  /** @default "lstm" */
  readonly cell?: CellName;
  /** @default 1 */
  readonly layers?: number;
}

/** Dropout in a model: its rate, the seed of its masks, and whether it is at work. */
export interface DropoutOptions {
  readonly rate: number;
  readonly seed: number;
  readonly phase: Phase;
}

/** No dropout. */
export const noDropout: DropoutOptions = { rate: 0, seed: 0, phase: { training: false, update: 0, done: 0 } };

/** What an encoder has read. It lives until its next call. */
export interface Encoded {
  /** Of each layer after each row's last step. */
  readonly states: readonly RecurrentState[];
  /** What the last layer said of each position, (N, S, H). */
  readonly hs: Tensor;
  /** How many positions each row has, (N); undefined: all S. */
  readonly lengths?: Ints | undefined;
}

/** The gradient of it; a part that is left out is zeros. */
export interface EncodedGradient {
  readonly states: readonly (RecurrentState | undefined)[];
  readonly hs?: Tensor | undefined;
}

/**
 * Reads a sequence of ids (N, S), through one recurrent layer or several, with dropout before each. A layer reads from the
 * first id to the last; with `reverse` from the last to the first; or with `bidirectional` both ways, each with H/2 units.
 */
export class Encoder implements Layer {
  readonly params: readonly Param[];
  readonly embedding: Embedding;
  readonly #layers: readonly (Recurrent | Bidirectional)[];
  readonly #dropouts: readonly Dropout[];

  /** @param tied the embedding is another layer's too */
  constructor(
    backend: Backend,
    { V, D, H, cell = "lstm", layers = 1 }: Sizes,
    { reverse = false, bidirectional = false }: { reverse?: boolean; bidirectional?: boolean } = {},
    { phase, ...mask }: DropoutOptions = noDropout,
    tied = false,
  ) {
    this.embedding = new Embedding(backend, { V, D }, "encoder.embedding", tied);
    const name = `encoder.${cell}`;
    this.#layers = Array.from({ length: layers }, (_, layer) => {
      const sizes = { D: layer === 0 ? D : H, H };
      return bidirectional
        ? new Bidirectional(backend, cell, sizes, name, layer)
        : new cells[cell](backend, { ...sizes, reverse }, name, layer);
    });
    this.#dropouts = this.#layers.map((_, stream) => new Dropout(backend, phase, { ...mask, stream }));
    this.params = [this.embedding, ...this.#layers].flatMap(({ params }) => params);
  }

  /** @param lengths (N) how many ids each row has; the rest is padding */
  forward(ids: Ints, lengths?: Ints): Encoded {
    const [first, ...between] = this.#dropouts;
    let xs = first?.isAtWork ? first.forward(this.embedding.forward(ids)) : this.embedding.sequence(ids);
    const states: RecurrentState[] = [];
    for (const [i, layer] of this.#layers.entries()) {
      const hs = layer.forward(xs, { lengths });
      if (layer.last) states.push(layer.last);
      xs = between[i]?.forward(hs) ?? hs;
    }
    if (!(xs instanceof Tensor)) throw new Error("Encoder.forward: expected a layer.");
    return { states, hs: xs, lengths };
  }

  /** @param gradient of what `forward` returned */
  backward({ states, hs }: EncodedGradient): void {
    const [first, ...between] = this.#dropouts;
    let dxs: Tensor | undefined = hs;
    for (const [i, layer] of [...this.#layers.entries()].reverse()) {
      const dhs: Tensor | undefined = dxs && (between[i]?.backward(dxs) ?? dxs);
      dxs = layer.backward(dhs, states[i]);
    }
    if (dxs && first) this.embedding.backward(first.backward(dxs));
  }
}
