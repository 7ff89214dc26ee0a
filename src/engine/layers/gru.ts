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
 * GRU over a whole sequence: one call runs all T steps, forward or backward.
 *
 *     a   = [context, x_t]·weight_ihᵀ + bias_ih                       (N, 3H), gates r | z | n
 *     b   = h_{t-1}·weight_hhᵀ + bias_hh                              (N, 3H)
 *     r   = σ(a_r + b_r)        z = σ(a_z + b_z)                      reset and update gates
 *     n   = tanh(a_n + r·b_n)                                         candidate
 *     h_t = (1 − z)·n + z·h_{t-1}                                     hidden state (N, H)
 *
 * The reset gate applies to the product b_n, not to h_{t-1} as in the paper: the same as in PyTorch and cuDNN, so
 * that their weights can be loaded.
 * Input (N, T, D), output (N, T, H). Keeps N·T·5H + 3·N·H floats between calls, and N·T·D for the input gradient.
 * Source: Cho et al. 2014, equations 5–8; gate order and names as in PyTorch.
 */
export class GRU extends Recurrent {
  /** Gates of a unit: weights have this many rows per unit. */
  static readonly gates = 3;
  readonly params: readonly [weightIh: Param, weightHh: Param, biasIh: Param, biasHh: Param];
  protected override readonly kind = "GRU";

  /** @param name prefix of the parameter names; layer: their suffix, as in PyTorch's `weight_ih_l0` */
  constructor(backend: Backend, options: RecurrentOptions, name = "gru", layer: number | string = 0) {
    super(backend, options);
    const { D, H, C = 0, tiedTo } = options;
    if (tiedTo instanceof GRU) this.params = tiedTo.params;
    else
      this.params = [
        makeParam(backend.arena, `${name}.weight_ih_l${layer}`, [3 * H, C + D]),
        makeParam(backend.arena, `${name}.weight_hh_l${layer}`, [3 * H, H]),
        makeParam(backend.arena, `${name}.bias_ih_l${layer}`, [3 * H]),
        makeParam(backend.arena, `${name}.bias_hh_l${layer}`, [3 * H]),
      ];
  }

  protected override run({ hs, reads, sizes }: ForwardPass): RecurrentState {
    const [weightIh, weightHh, biasIh, biasHh] = this.params;
    const last = { h: this.stateBuffer("hn", sizes) };
    this.kernels.gruForward(
      { hs, ...this.#kept(sizes), hn: last.h },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value, biasIh: biasIh.value, biasHh: biasHh.value },
      sizes,
    );
    return last;
  }

  protected override runBack({ writes, reads, sizes }: BackwardPass): void {
    const [weightIh, weightHh, biasIh, biasHh] = this.params;
    const dbiases = { dbiasIh: biasIh.grad, dbiasHh: biasHh.grad };
    this.kernels.gruBackward(
      { ...this.#kept(sizes), ...writes, dweightIh: weightIh.grad, dweightHh: weightHh.grad, ...dbiases },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value },
      sizes,
    );
  }

  /** Buffers that backward needs besides hs, and overwrites with gradients: gates after σ and tanh, and b_n. */
  #kept({ N, T, H }: KernelSizes) {
    return { gates: this.workspace.tensor("gates", [N, T, 3 * H]), qs: this.workspace.tensor("qs", [N, T, H]) };
  }
}
