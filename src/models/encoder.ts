import type { Backend } from "../engine/backend/backend.js";
import { ShapeError } from "../engine/errors.js";
import { Bidirectional } from "../engine/layers/bidirectional.js";
import { type CellName, cells } from "../engine/layers/cells.js";
import { Dropout, type Phase } from "../engine/layers/dropout.js";
import { Embedding } from "../engine/layers/embedding.js";
import type { Layer, Sequence } from "../engine/layers/layer.js";
import { Pyramid } from "../engine/layers/pyramid.js";
import type { Recurrent, RecurrentState } from "../engine/layers/recurrent.js";
import { Ints, type Param, Tensor } from "../engine/tensor.js";

/** What encoder and decoder are made of. */
export interface Sizes {
  /** Of the vocabulary. */
  readonly V: number;
  /** Of a token's vector, or of a frame. */
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
export const noDropout: DropoutOptions = { rate: 0, seed: 0, phase: { training: false, step: 0, done: 0 } };

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

/** How an encoder reads. */
export interface EncoderOptions {
  readonly reverse?: boolean;
  readonly bidirectional?: boolean;
  /** After so many of the first layers each two steps become one; fewer than there are layers. @default 0 */
  readonly pyramid?: number;
  /** Whether an LSTM's last cell states are handed over too. @default true */
  readonly initCell?: boolean;
}

/**
 * Reads a sequence of ids (N, S) or frames (N, S, D), through one recurrent layer or several, with dropout before each. A
 * layer reads from the first step to the last; with `reverse` from the last to the first; or with `bidirectional` both
 * ways, each with H/2 units.
 */
export class Encoder implements Layer {
  readonly params: readonly Param[];
  readonly #embedding: Embedding | undefined;
  readonly #layers: readonly (Recurrent | Bidirectional)[];
  readonly #pyramids: readonly Pyramid[];
  readonly #dropouts: readonly Dropout[];
  readonly #initCell: boolean;

  /**
   * @param sizes without V it reads frames
   * @param tied the embedding is another layer's too
   */
  constructor(
    backend: Backend,
    { V, D, H, cell = "lstm", layers = 1 }: Omit<Sizes, "V"> & { readonly V?: number | undefined },
    { reverse = false, bidirectional = false, pyramid = 0, initCell = true }: EncoderOptions = {},
    { phase, ...mask }: DropoutOptions = noDropout,
    tied = false,
  ) {
    this.#embedding = V === undefined ? undefined : new Embedding(backend, { V, D }, "encoder.embedding", tied);
    this.#initCell = initCell;
    this.#pyramids = Array.from({ length: pyramid }, () => new Pyramid(backend));
    const name = `encoder.${cell}`;
    this.#layers = Array.from({ length: layers }, (_, layer) => {
      const sizes = { D: layer === 0 ? D : layer > pyramid ? H : 2 * H, H };
      return bidirectional
        ? new Bidirectional(backend, cell, sizes, name, layer)
        : new cells[cell](backend, { ...sizes, reverse }, name, layer);
    });
    this.#dropouts = this.#layers.map((_, stream) => new Dropout(backend, phase, { ...mask, stream }));
    this.params = [this.#embedding, ...this.#layers].flatMap((part) => part?.params ?? []);
  }

  /** The embedding, for a decoder that shares it. */
  get shared(): Param | undefined {
    return this.#embedding?.params[0];
  }

  /** @param lengths (N) how many steps each row has; the rest is padding */
  forward(source: Ints | Tensor, lengths?: Ints): Encoded {
    const [, ...between] = this.#dropouts;
    let [xs, left] = [this.#read(source), lengths];
    const states: RecurrentState[] = [];
    for (const [i, layer] of this.#layers.entries()) {
      const hs = layer.forward(xs, { lengths: left });
      if (layer.last) states.push(this.#initCell ? layer.last : { h: layer.last.h });
      const ys = between[i]?.forward(hs) ?? hs;
      const joined = this.#pyramids[i]?.forward(ys, left);
      [xs, left] = joined ? [joined.ys, joined.lengths] : [ys, left];
    }
    if (!(xs instanceof Tensor)) throw new Error("Encoder.forward: expected a layer.");
    return { states, hs: xs, lengths: left };
  }

  /** @param gradient of what `forward` returned */
  backward({ states, hs }: EncodedGradient): void {
    const [first, ...between] = this.#dropouts;
    let dxs: Tensor | undefined = hs;
    for (const [i, layer] of [...this.#layers.entries()].reverse()) {
      const dys: Tensor | undefined = dxs && (this.#pyramids[i]?.backward(dxs) ?? dxs);
      dxs = layer.backward(dys && (between[i]?.backward(dys) ?? dys), states[i]);
    }
    if (dxs && first) this.#embedding?.backward(first.backward(dxs));
  }

  /** What the first layer reads. */
  #read(source: Ints | Tensor): Sequence {
    const [first] = this.#dropouts;
    const embedding = this.#embedding;
    if (source instanceof Ints && embedding)
      return first?.isActive ? first.forward(embedding.forward(source)) : embedding.sequence(source);
    if (source instanceof Tensor && !embedding) return first?.forward(source) ?? source;
    throw new ShapeError(`Encoder.forward: expected ${embedding ? "ids (N, S)" : "frames (N, S, D)"}, got the other.`);
  }
}
