import { Workspace } from "../engine/backend/arena.js";
import type { Backend } from "../engine/backend/backend.js";
import { Attention, type Scoring } from "../engine/layers/attention.js";
import type { AttentionMemory } from "../engine/layers/attention-memory.js";
import { type CellName, cells } from "../engine/layers/cells.js";
import { Dropout } from "../engine/layers/dropout.js";
import type { Layer, Sequence } from "../engine/layers/layer.js";
import { copyColumns } from "../engine/layers/layer.js";
import { Linear } from "../engine/layers/linear.js";
import type { Recurrent, RecurrentState } from "../engine/layers/recurrent.js";
import { Tanh } from "../engine/layers/tanh.js";
import type { Param, Tensor } from "../engine/tensor.js";
import type { DropoutOptions } from "./encoder.js";

export interface StackOptions {
  readonly D: number;
  readonly H: number;
  readonly cell: CellName;
  readonly layers: number;
  /** Size of the context that the first layer sees in every step; 0: none. */
  readonly C: number;
  /** How the last layer's state looks at the memory; left out, it does not. */
  readonly scoring?: Scoring | undefined;
  /** Size of the attentional state that memory and hidden state are combined to; left out, they stand side by side. */
  readonly combined?: number | undefined;
}

/** What a step sees besides its input. */
export interface Surroundings {
  readonly context?: Tensor | undefined;
  readonly memory?: AttentionMemory | undefined;
}

/**
 * A decoder between its embedding and its last layer: recurrent layers, then attention over what the encoder has read.
 *
 *     h_t = recurrent layers of x_t                          (R, T, H)
 *     c_t = attention of h_t                                 (R, T, H)
 *     y_t = [c_t, h_t], or tanh(combine [c_t, h_t])          (R, T, O)
 *
 * Without attention y is h. Rows R may be several for each row of the memory: those of row n follow one another.
 * Source: Luong, Pham & Manning 2015, equation 5.
 */
export class DecoderStack implements Layer {
  readonly params: readonly Param[];
  /** O. */
  readonly width: number;
  /** Gradients of the states that the last call started from. */
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
   * @param stream the first of its dropout masks; there are as many as layers
   * @param tiedTo a stack of the same options whose parameters are this one's too; those of its cells, if it has no attention
   */
  constructor(
    backend: Backend,
    { D, H, cell, layers, C, scoring, combined }: StackOptions,
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

  /** Where the next call starts. */
  get states(): readonly RecurrentState[] {
    return this.#cells.flatMap(({ state }) => state ?? []);
  }

  set states(states: readonly RecurrentState[]) {
    for (const [i, cell] of this.#cells.entries()) cell.state = states[i];
  }

  /** How much each row of the last call looked at each position, (R, T, S). */
  get attention(): Tensor | undefined {
    return this.#attention?.weights;
  }

  forward(xs: Sequence, { context, memory }: Surroundings): Tensor {
    let hs: Tensor | undefined;
    for (const [i, cell] of this.#cells.entries())
      hs = cell.forward(hs ? (this.#between[i - 1]?.forward(hs) ?? hs) : xs, i === 0 ? { context } : {});
    if (!hs) throw new Error("DecoderStack: expected a layer.");
    return this.#last.forward(this.#attention && memory ? this.#look(this.#attention, hs, memory) : hs);
  }

  /** Sets dxs (returned), `dContext` and `dStates`; adds to the gradients of the parameters and of the memory. */
  backward(dys: Tensor, dLast: readonly (RecurrentState | undefined)[] = []): Tensor | undefined {
    const dlast = this.#last.backward(dys);
    let dhs: Tensor | undefined = this.#attention ? this.#lookBack(this.#attention, dlast) : dlast;
    for (const [i, cell] of [...this.#cells.entries()].reverse()) {
      const dxs = cell.backward(dhs, dLast[i]);
      dhs = dxs && (this.#between[i - 1]?.backward(dxs) ?? dxs);
    }
    this.dStates = this.#cells.map(({ dState }) => dState);
    return dhs;
  }

  /** Gradient of the context of the last call. */
  get dContext(): Tensor | undefined {
    return this.#cells[0]?.dContext;
  }

  #look(attention: Attention, hs: Tensor, memory: AttentionMemory): Tensor {
    const H = this.#H;
    const [R = 0, T = 0] = hs.shape;
    const N = memory.values.shape[0] ?? 0;
    const contexts = attention.forward(hs.as([N, (R * T) / N, H]), memory);
    const joined = this.#workspace.tensor("joined", [R, T, 2 * H]);
    copyColumns(this.#backend, { tensor: joined }, { tensor: contexts }, H);
    copyColumns(this.#backend, { tensor: joined, from: H }, { tensor: hs }, H);
    return this.#combine ? this.#combine.tanh.forward(this.#combine.linear.forward(joined)) : joined;
  }

  #lookBack(attention: Attention, dys: Tensor): Tensor {
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
