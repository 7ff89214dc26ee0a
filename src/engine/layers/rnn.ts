import type { Backend } from "../backend/backend.js";
import type { Param } from "../tensor.js";
import { makeParam } from "./layer.js";
import {
  type BackwardPass,
  type ForwardPass,
  Recurrent,
  type RecurrentOptions,
  type RecurrentState,
} from "./recurrent.js";

/**
 * Elman RNN with tanh over a whole sequence: one call runs all T steps, forward or backward.
 *
 *     h_t = tanh([context, x_t]·weight_ihᵀ + bias + h_{t-1}·weight_hhᵀ)        hidden state (N, H)
 *
 * Input (N, T, D), output (N, T, H). Keeps N·T·H + 3·N·H floats between calls, and N·T·D for the input gradient.
 * Source: Elman 1990; names as in PyTorch.
 */
export class RNN extends Recurrent {
  /** Gates of a unit: weights have this many rows per unit. */
  static readonly gates = 1;
  readonly params: readonly [weightIh: Param, weightHh: Param, bias: Param];
  protected override readonly kind = "RNN";

  /** @param name prefix of the parameter names; layer: their suffix, as in PyTorch's `weight_ih_l0` */
  constructor(backend: Backend, options: RecurrentOptions, name = "rnn", layer: number | string = 0) {
    super(backend, options);
    const { D, H, C = 0, tiedTo } = options;
    if (tiedTo instanceof RNN) this.params = tiedTo.params;
    else
      this.params = [
        makeParam(backend.arena, `${name}.weight_ih_l${layer}`, [H, C + D]),
        makeParam(backend.arena, `${name}.weight_hh_l${layer}`, [H, H]),
        makeParam(backend.arena, `${name}.bias_l${layer}`, [H]),
      ];
  }

  protected override run({ hs, reads, sizes }: ForwardPass): RecurrentState {
    const [weightIh, weightHh, bias] = this.params;
    const last = { h: this.stateBuffer("hn", sizes) };
    this.kernels.rnnForward(
      { hs, hn: last.h },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value, bias: bias.value },
      sizes,
    );
    return last;
  }

  protected override runBack({ writes, reads, sizes }: BackwardPass): void {
    const [weightIh, weightHh, bias] = this.params;
    this.kernels.rnnBackward(
      { ...writes, dweightIh: weightIh.grad, dweightHh: weightHh.grad, dbias: bias.grad },
      { ...reads, weightIh: weightIh.value, weightHh: weightHh.value },
      sizes,
    );
  }
}
