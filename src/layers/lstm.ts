import { Room } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape } from "../errors.js";
import { type Ints, type Param, Tensor } from "../tensor.js";
import { expectRange, type Layer, makeParam, type Sequence } from "./layer.js";

/** Hidden and cell state, (N, H) each; a state without a cell starts with a cell of zeros. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c?: Tensor | undefined;
}

export interface LSTMOptions {
  /** Size of the input. */
  readonly D: number;
  /** Size of the hidden state. */
  readonly H: number;
  /** Size of a context that stands before every input. @default 0 */
  readonly C?: number;
  /** Time runs from each row's last step to its first. @default false */
  readonly reverse?: boolean;
  /** Each call goes on where the last one ended. @default false */
  readonly stateful?: boolean;
}

/**
 * LSTM over a whole sequence: one call runs T steps forward, or T steps back.
 *
 *     a   = [context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ     (N, 4H), gates i | f | g | o
 *     c_t = σ(f)·c_{t-1} + σ(i)·tanh(g)                               cell state   (N, H)
 *     h_t = σ(o)·tanh(c_t)                                            hidden state (N, H)
 *
 * Input (N, T, D), output (N, T, H). Keeps N·T·6H + 6·N·H floats between calls, and N·T·D for the gradient of the input.
 * Source: Gers, Schmidhuber & Cummins 2000; gate order and names as in PyTorch.
 */
export class LSTM implements Layer {
  readonly params: readonly [weightIh: Param, weightHh: Param, bias: Param];
  /** Where the next call starts; undefined means zeros. A stateful layer leaves its last state here. */
  state: LSTMState | undefined;
  /** The state after each row's last step; it lives until the layer's second-next call. */
  last: Required<LSTMState> | undefined;
  /** Gradient on the state that the last call started from, for the encoder that supplied it. */
  dState: LSTMState | undefined;
  /** Gradient of the context of the last call. */
  dContext: Tensor | undefined;
  readonly #backend: Backend;
  readonly #room: Room;
  readonly #sizes: { D: number; H: number; C: number; reverse: number };
  readonly #stateful: boolean;
  #saved: Saved | undefined;
  #calls = 0;

  constructor(
    backend: Backend,
    { D, H, C = 0, reverse = false, stateful = false }: LSTMOptions,
    name = "lstm",
    layer = 0,
  ) {
    this.#backend = backend;
    this.#room = new Room(backend.arena);
    this.#sizes = { D, H, C, reverse: Number(reverse) };
    this.#stateful = stateful;
    this.params = [
      makeParam(backend.arena, `${name}.weight_ih_l${layer}`, [4 * H, C + D]),
      makeParam(backend.arena, `${name}.weight_hh_l${layer}`, [4 * H, H]),
      makeParam(backend.arena, `${name}.bias_l${layer}`, [4 * H]),
    ];
  }

  /** @param given.lengths (N) how many steps each row has, at least 1; the rest is padding and comes out as 0 */
  forward(input: Sequence, given: { context?: Tensor | undefined; lengths?: Ints | undefined } = {}): Tensor {
    const { H, C } = this.#sizes;
    const frames = input instanceof Tensor ? { xs: input } : { ids: input.ids, table: input.table.value };
    const [N, T] = this.#expectInput(input);
    const { context, lengths } = given;
    if (C || context) expectShape("LSTM.forward: context", context?.shape ?? [], [N, C]);
    if (lengths) {
      expectShape("LSTM.forward: lengths", lengths.shape, [N]);
      expectRange("LSTM.forward: lengths", lengths, 1, T);
    }
    if (this.state) expectShape("LSTM.forward: state.h", this.state.h.shape, [N, H]);
    if (this.state?.c) expectShape("LSTM.forward: state.c", this.state.c.shape, [N, H]);

    const [hs, cs] = [this.#room.tensor("hs", [N, T, H]), this.#room.tensor("cs", [N, T, H])];
    const gates = this.#room.tensor("gates", [N, T, 4 * H]);
    const turn = this.#calls++ % 2; // the state that this call starts from must outlive it
    const [hn, cn] = [this.#room.tensor(`hn${turn}`, [N, H]), this.#room.tensor(`cn${turn}`, [N, H])];
    const [weightIh, weightHh, bias] = this.params;
    const reads = { ...frames, context, h0: this.state?.h, c0: this.state?.c, lengths };
    this.#backend.kernels.lstmForward(
      { hs, cs, gates, hn, cn },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value, bias: bias.value },
      this.#kernelSizes(input, N, T),
    );
    this.#saved = { input, N, T, gates, reads: { ...reads, hs, cs } };
    this.last = { h: hn, c: cn };
    if (this.#stateful) this.state = this.last;
    return hs;
  }

  /**
   * Sets dxs (returned; undefined where the input was a lookup, whose table's gradient is added to), `dState` and
   * `dContext`; adds to the gradients of weight_ih, weight_hh and bias.
   * @param dhs (N, T, H), or undefined for zeros
   * @param dLast gradient of `last`
   */
  backward(dhs: Tensor | undefined, dLast?: LSTMState): Tensor | undefined {
    if (!this.#saved) throw new Error("LSTM.backward: expected one forward pass before each backward pass.");
    const { input, N, T, gates, reads } = this.#saved;
    const { D, H, C } = this.#sizes;
    if (dhs) expectShape("LSTM.backward: dhs", dhs.shape, [N, T, H]);
    if (dLast) expectShape("LSTM.backward: dLast.h", dLast.h.shape, [N, H]);
    if (dLast?.c) expectShape("LSTM.backward: dLast.c", dLast.c.shape, [N, H]);
    const dxs = input instanceof Tensor ? this.#room.tensor("dxs", [N, T, D]) : undefined;
    const dh0 = reads.h0 && this.#room.tensor("dh0", [N, H]);
    const dc0 = reads.c0 && this.#room.tensor("dc0", [N, H]);
    this.dContext = reads.context && this.#room.tensor("dContext", [N, C]);
    const [weightIh, weightHh, bias] = this.params;
    this.#backend.kernels.lstmBackward(
      {
        ...{ gates, dxs, dh0, dc0, dcontext: this.dContext },
        ...{ dtable: input instanceof Tensor ? undefined : input.table.grad },
        ...{ dweightIh: weightIh.grad, dweightHh: weightHh.grad, dbias: bias.grad },
      },
      { ...reads, dhs, dhn: dLast?.h, dcn: dLast?.c, weightIh: weightIh.value, weightHh: weightHh.value },
      this.#kernelSizes(input, N, T),
    );
    this.dState = dh0 && { h: dh0, c: dc0 };
    this.#saved = undefined; // the gates are gradients now
    return dxs;
  }

  #expectInput(input: Sequence): [N: number, T: number] {
    const { D } = this.#sizes;
    if (input instanceof Tensor) expectShape("LSTM.forward: xs", input.shape, ["N", "T", D]);
    else {
      expectShape("LSTM.forward: ids", input.ids.shape, ["N", "T"]);
      expectShape("LSTM.forward: table", input.table.value.shape, ["V", D]);
      expectRange("LSTM.forward: ids", input.ids, 0, (input.table.value.shape[0] ?? 0) - 1);
    }
    const [N = 0, T = 0] = input instanceof Tensor ? input.shape : input.ids.shape;
    return [N, T];
  }

  #kernelSizes(input: Sequence, N: number, T: number) {
    const { D, H, C, reverse } = this.#sizes;
    return { reverse, N, T, D, C, H, V: input instanceof Tensor ? 0 : (input.table.value.shape[0] ?? 0) };
  }
}

interface Saved {
  readonly input: Sequence;
  readonly N: number;
  readonly T: number;
  readonly gates: Tensor;
  readonly reads: {
    readonly xs?: Tensor;
    readonly ids?: Ints;
    readonly table?: Tensor;
    readonly context: Tensor | undefined;
    readonly h0: Tensor | undefined;
    readonly c0: Tensor | undefined;
    readonly lengths: Ints | undefined;
    readonly hs: Tensor;
    readonly cs: Tensor;
  };
}
