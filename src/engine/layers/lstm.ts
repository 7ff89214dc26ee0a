import type { Backend } from "../backend/backend.js";
import type { Param } from "../tensor.js";
import { makeParam } from "./layer.js";
import {
  type BackwardPass,
  type ForwardPass,
  type KernelSizes,
  Recurrent,
  type RecurrentOptions,
  type RecurrentState,
} from "./recurrent.js";

/**
 * LSTM over a whole sequence: one call runs all T steps, forward or backward.
 *
 *     a   = [context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ     (N, 4H), gates i | f | g | o
 *     c_t = σ(f)·c_{t-1} + σ(i)·tanh(g)                               cell state   (N, H)
 *     h_t = σ(o)·tanh(c_t)                                            hidden state (N, H)
 *
 * Input (N, T, D), output (N, T, H). Keeps N·T·6H + 6·N·H floats between calls, and N·T·D for the input gradient.
 * Source: Gers, Schmidhuber & Cummins 2000; gate order and names as in PyTorch.
 */
export class LSTM extends Recurrent {
  /** Gates of a unit: weights have this many rows per unit. */
  static readonly gates = 4;
  readonly params: readonly [weightIh: Param, weightHh: Param, bias: Param];
  declare last: Required<RecurrentState> | undefined;
  protected override readonly kind = "LSTM";
  protected override readonly hasCell = true;

  /** @param name prefix of the parameter names; layer: their suffix, as in PyTorch's `weight_ih_l0` */
  constructor(backend: Backend, options: RecurrentOptions, name = "lstm", layer: number | string = 0) {
    super(backend, options);
    const { D, H, C = 0, tiedTo } = options;
    if (tiedTo instanceof LSTM) this.params = tiedTo.params;
    else
      this.params = [
        makeParam(backend.arena, `${name}.weight_ih_l${layer}`, [4 * H, C + D]),
        makeParam(backend.arena, `${name}.weight_hh_l${layer}`, [4 * H, H]),
        makeParam(backend.arena, `${name}.bias_l${layer}`, [4 * H]),
      ];
  }

  protected override run({ hs, reads, sizes }: ForwardPass): Required<RecurrentState> {
    const [weightIh, weightHh, bias] = this.params;
    const last = { h: this.stateBuffer("hn", sizes), c: this.stateBuffer("cn", sizes) };
    this.kernels.lstmForward(
      { hs, ...this.#kept(sizes), hn: last.h, cn: last.c },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value, bias: bias.value },
      sizes,
    );
    return last;
  }

  protected override runBack({ writes, reads, sizes }: BackwardPass): void {
    const [weightIh, weightHh, bias] = this.params;
    const { cs, gates } = this.#kept(sizes); // the kernel overwrites the gates with their gradients
    this.kernels.lstmBackward(
      { gates, ...writes, dweightIh: weightIh.grad, dweightHh: weightHh.grad, dbias: bias.grad },
      { cs, ...reads, weightIh: weightIh.value, weightHh: weightHh.value },
      sizes,
    );
  }

  /** Buffers that backward needs besides hs: cell states, and gates after σ and tanh. */
  #kept({ N, T, H }: KernelSizes) {
    return { cs: this.workspace.tensor("cs", [N, T, H]), gates: this.workspace.tensor("gates", [N, T, 4 * H]) };
  }
}
