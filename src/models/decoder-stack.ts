import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { Attention, type Scoring } from "../engine/layers/attention.js";
import type { AttentionMemory } from "../engine/layers/attention-memory.js";
import { type CellName, cells } from "../engine/layers/cells.js";
import { Dropout } from "../engine/layers/dropout.js";
import { copyColumns, type Layer, type Sequence } from "../engine/layers/layer.js";
import { Linear } from "../engine/layers/linear.js";
import type { Recurrent, RecurrentState } from "../engine/layers/recurrent.js";
import { Tanh } from "../engine/layers/tanh.js";
import type { Param, Tensor } from "../engine/tensor.js";
import type { DropoutOptions } from "./encoder.js";

/** Options of a decoder stack. */
export interface DecoderStackOptions {
  readonly D: number;
  readonly H: number;
  readonly cell: CellName;
  readonly layers: number;
  /** Size of the context that the first layer reads in every step; 0: none. */
  readonly C: number;
  /** Scoring function of the attention; undefined: no attention. */
  readonly scoring?: Scoring | undefined;
  /** Size of the attentional hidden state; undefined: context and hidden state are concatenated instead. */
  readonly combined?: number | undefined;
}

/** Inputs of a step besides its tokens: the context vector of the first layer, and the memory of the attention. */
export interface StepContext {
  readonly context?: Tensor | undefined;
  readonly memory?: AttentionMemory | undefined;
}

/**
 * Layers of a decoder between its embedding and its output layer: recurrent layers, then attention over the encoder output.
 *
 *     h_t = recurrent layers of x_t                          (R, T, H)
 *     c_t = attention of h_t                                 (R, T, H)
 *     y_t = [c_t, h_t], or tanh(combine [c_t, h_t])          (R, T, O)
 *
 * Without attention y is h. There may be several rows R for each row of the memory; those of one row are consecutive.
 * Source: Luong, Pham & Manning 2015, equation 5.
 */
export class DecoderStack implements Layer {
  readonly params: readonly Param[];
  /** Size of the output, O. */
  readonly width: number;
  /** Gradients of the initial states of the last call. */
  dStates: readonly (RecurrentState | undefined)[] = [];
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #H: number;
  readonly #cells: readonly Recurrent[];
  readonly #between: readonly Dropout[];
  readonly #last: Dropout;
  readonly #attention: Attention | undefined;
  readonly #combine: { readonly linear: Linear; readonly tanh: Tanh } | undefined;

  /**
   * @param stream random stream of the first dropout mask; each layer has one
   * @param tiedTo a stack with the same options whose parameters are shared; only those of its cells if it has no attention
   */
  constructor(
    backend: Backend,
    { D, H, cell, layers, C, scoring, combined }: DecoderStackOptions,
    { phase, ...mask }: DropoutOptions,
    stream: number,
    tiedTo?: DecoderStack,
  ) {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#H = H;
    this.#cells = Array.from({ length: layers }, (_, layer) => {
      const sizes = layer === 0 ? { D, H, C } : { D: H, H };
      return new cells[cell](
        backend,
        { ...sizes, stateful: true, tiedTo: tiedTo ? tiedTo.#cells[layer] : undefined },
        `decoder.${cell}`,
        layer,
      );
    });
    const [last, ...between] = this.#cells.map((_, i) => new Dropout(backend, phase, { ...mask, stream: stream + i }));
    if (!last) throw new Error("DecoderStack: expected a layer.");
    [this.#last, this.#between] = [last, between];
    this.#attention =
      scoring && new Attention(backend, scoring, H, "decoder.attention", tiedTo ? tiedTo.#attention : undefined);
    const [weight, bias] = (tiedTo ? tiedTo.#combine?.linear.params : undefined) ?? [];
    this.#combine =
      combined === undefined
        ? undefined
        : {
            linear: new Linear(backend, { D: 2 * H, O: combined }, "decoder.combine", { weight, bias }),
            tanh: new Tanh(backend),
          };
    this.width = scoring ? (combined ?? 2 * H) : H;
    const parts = [...this.#cells, this.#attention, this.#combine?.linear];
    this.params = parts.flatMap((part) => part?.params ?? []);
  }

  /** Initial states of the next call. */
  get states(): readonly RecurrentState[] {
    return this.#cells.flatMap(({ state }) => state ?? []);
  }

  set states(states: readonly RecurrentState[]) {
    for (const [i, cell] of this.#cells.entries()) cell.state = states[i];
  }

  /** Attention weights of the last call, (R, T, S). */
  get attention(): Tensor | undefined {
    return this.#attention?.weights;
  }

  forward(xs: Sequence, { context, memory }: StepContext): Tensor {
    let hs: Tensor | undefined;
    for (const [i, cell] of this.#cells.entries())
      hs = cell.forward(hs ? (this.#between[i - 1]?.forward(hs) ?? hs) : xs, i === 0 ? { context } : {});
    if (!hs) throw new Error("DecoderStack: expected a layer.");
    return this.#last.forward(this.#attention && memory ? this.#attend(this.#attention, hs, memory) : hs);
  }

  /** Sets dxs (returned), `dContext` and `dStates`; adds to the gradients of the parameters and of the memory. */
  backward(dys: Tensor, dLast: readonly (RecurrentState | undefined)[] = []): Tensor | undefined {
    const dlast = this.#last.backward(dys);
    let dhs: Tensor | undefined = this.#attention ? this.#attendBack(this.#attention, dlast) : dlast;
    for (const [i, cell] of [...this.#cells.entries()].reverse()) {
      const dxs = cell.backward(dhs, dLast[i]);
      dhs = dxs && (this.#between[i - 1]?.backward(dxs) ?? dxs);
    }
    this.dStates = this.#cells.map(({ dState }) => dState);
    return dhs;
  }

  /** Gradient of the context vector of the last call. */
  get dContext(): Tensor | undefined {
    return this.#cells[0]?.dContext;
  }

  #attend(attention: Attention, hs: Tensor, memory: AttentionMemory): Tensor {
    const H = this.#H;
    const [R = 0, T = 0] = hs.shape;
    const N = memory.values.shape[0] ?? 0;
    const contexts = attention.forward(hs.as([N, (R * T) / N, H]), memory);
    const joined = this.#workspace.tensor("joined", [R, T, 2 * H]);
    copyColumns(this.#backend, { tensor: joined }, { tensor: contexts }, H);
    copyColumns(this.#backend, { tensor: joined, from: H }, { tensor: hs }, H);
    return this.#combine ? this.#combine.tanh.forward(this.#combine.linear.forward(joined)) : joined;
  }

  #attendBack(attention: Attention, dys: Tensor): Tensor {
    const H = this.#H;
    const [R = 0, T = 0] = dys.shape;
    const djoined = this.#combine ? this.#combine.linear.backward(this.#combine.tanh.backward(dys)) : dys;
    const N = attention.weights?.shape[0] ?? 0;
    const dcontexts = this.#workspace.tensor("dcontexts", [N, (R * T) / N, H]);
    const dhs = this.#workspace.tensor("dhs", [R, T, H]);
    copyColumns(this.#backend, { tensor: dcontexts }, { tensor: djoined }, H);
    copyColumns(this.#backend, { tensor: dhs }, { tensor: djoined, from: H }, H);
    const dqueries = attention.backward(dcontexts);
    this.#backend.kernels.accumulate({ ys: dhs }, { xs: dqueries }, { R: dhs.size });
    return dhs;
  }
}
