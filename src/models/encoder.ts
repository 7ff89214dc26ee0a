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

/** Sizes of an encoder or a decoder. */
export interface LayerSizes {
  /** Vocabulary size. */
  readonly V: number;
  /** Embedding size, or size of a frame. */
  readonly D: number;
  /** Hidden size. */
  readonly H: number;
  /** @default "lstm" */
  readonly cell?: CellName;
  /** @default 1 */
  readonly layers?: number;
}

/** Dropout of a model: its rate from 0 to below 1, the seed of its masks, and the phase of training. */
export interface DropoutOptions {
  readonly rate: number;
  readonly seed: number;
  readonly phase: Phase;
}

/** No dropout. */
export const noDropout: DropoutOptions = { rate: 0, seed: 0, phase: { training: false, step: 0, done: 0 } };

/** Output of an encoder. It is valid until the next call of the encoder. */
export interface Encoded {
  /** State of each layer after the last step of each row. */
  readonly states: readonly RecurrentState[];
  /** Outputs of the last layer at each position, (N, S, H). */
  readonly hs: Tensor;
  /** Number of positions of each row, (N); undefined: all S. */
  readonly lengths?: Ints | undefined;
}

/** Gradient of an encoder output; undefined parts are zeros. */
export interface EncodedGradient {
  readonly states: readonly (RecurrentState | undefined)[];
  readonly hs?: Tensor | undefined;
}

/** Options of an encoder. */
export interface EncoderOptions {
  /** Read from the last step to the first. @default false */
  readonly reverse?: boolean;
  /** Read in both directions with H/2 units each. @default false */
  readonly bidirectional?: boolean;
  /** Number of layers, counted from the first, after which two steps are joined to one; below `layers`. @default 0 */
  readonly pyramidLayers?: number;
  /** Pass the last cell states of an LSTM to the decoder, besides the hidden states. @default true */
  readonly initCell?: boolean;
}

/**
 * Encoder of sequences of ids (N, S) or frames (N, S, D): one or more recurrent layers with dropout before each. The layers
 * read from the first step to the last; with `reverse` from the last to the first; with `bidirectional` in both
 * directions, with H/2 units each.
 */
export class Encoder implements Layer {
  readonly params: readonly Param[];
  readonly #embedding: Embedding | undefined;
  readonly #layers: readonly (Recurrent | Bidirectional)[];
  readonly #pyramids: readonly Pyramid[];
  readonly #dropouts: readonly Dropout[];
  readonly #initCell: boolean;

  /**
   * @param sizes without V the encoder reads frames
   * @param tied true if another layer uses the embedding too
   */
  constructor(
    backend: Backend,
    { V, D, H, cell = "lstm", layers = 1 }: Omit<LayerSizes, "V"> & { readonly V?: number | undefined },
    { reverse = false, bidirectional = false, pyramidLayers = 0, initCell = true }: EncoderOptions = {},
    { phase, ...mask }: DropoutOptions = noDropout,
    tied = false,
  ) {
    this.#embedding = V === undefined ? undefined : new Embedding(backend, { V, D }, "encoder.embedding", tied);
    this.#initCell = initCell;
    this.#pyramids = Array.from({ length: pyramidLayers }, () => new Pyramid(backend));
    const name = `encoder.${cell}`;
    this.#layers = Array.from({ length: layers }, (_, layer) => {
      const sizes = { D: layer === 0 ? D : layer > pyramidLayers ? H : 2 * H, H };
      return bidirectional
        ? new Bidirectional(backend, cell, sizes, name, layer)
        : new cells[cell](backend, { ...sizes, reverse }, name, layer);
    });
    this.#dropouts = this.#layers.map((_, stream) => new Dropout(backend, phase, { ...mask, stream }));
    this.params = [this.#embedding, ...this.#layers].flatMap((part) => part?.params ?? []);
  }

  /** Weight of the embedding, for a decoder that shares it. */
  get shared(): Param | undefined {
    return this.#embedding?.params[0];
  }

  /** @param lengths number of steps of each row, (N); the rest is padding */
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

  /** Adds to the gradients of the parameters. @param gradient of the value that `forward` returned */
  backward({ states, hs }: EncodedGradient): void {
    const [first, ...between] = this.#dropouts;
    let dxs: Tensor | undefined = hs;
    for (const [i, layer] of [...this.#layers.entries()].reverse()) {
      const dys: Tensor | undefined = dxs && (this.#pyramids[i]?.backward(dxs) ?? dxs);
      dxs = layer.backward(dys && (between[i]?.backward(dys) ?? dys), states[i]);
    }
    if (dxs && first) this.#embedding?.backward(first.backward(dxs));
  }

  /** Input of the first layer. */
  #read(source: Ints | Tensor): Sequence {
    const [first] = this.#dropouts;
    const embedding = this.#embedding;
    if (source instanceof Ints && embedding)
      return first?.isActive ? first.forward(embedding.forward(source)) : embedding.sequence(source);
    if (source instanceof Tensor && !embedding) return first?.forward(source) ?? source;
    throw new ShapeError(
      `Encoder.forward: expected ${embedding ? "ids (N, S), got frames" : "frames (N, S, D), got ids"}.`,
    );
  }
}
