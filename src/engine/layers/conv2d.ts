import { Workspace } from "../backend/arena.js";
import type { Backend } from "../backend/backend.js";
import { expectShape, ShapeError } from "../errors.js";
import type { Param, Tensor } from "../tensor.js";
import { type Layer, makeParam } from "./layer.js";

/** Sizes of a 2-D convolution. */
export interface Conv2dSizes {
  /** Input channels. */
  readonly C: number;
  /** Output channels. */
  readonly O: number;
  /** Kernel size K × K, odd. @default 3 */
  readonly K?: number;
}

/**
 * 2-D convolution over channels-last images with stride 1 and zero padding: the output has the size of the input.
 *
 *     ys[n, y, x, o] = bias[o] + Σ_i Σ_j Σ_c xs[n, y + i − ⌊K/2⌋, x + j − ⌊K/2⌋, c]·weight[o, c, i, j]
 *
 * Input (N, Y, X, C): height Y, width X, channels C. Output (N, Y, X, O), valid until the next call. The weight is
 * (O, C, K, K), as in PyTorch. Precision bf16 applies; with int8 the products stay in float32.
 */
export class Conv2d implements Layer {
  readonly params: readonly [weight: Param, bias: Param];
  readonly #backend: Backend;
  readonly #workspace: Workspace;
  readonly #sizes: Required<Conv2dSizes>;
  #xs: Tensor | undefined;

  /** @throws ShapeError for an even K */
  constructor(backend: Backend, { C, O, K = 3 }: Conv2dSizes, name = "conv") {
    this.#backend = backend;
    this.#workspace = new Workspace(backend.arena);
    this.#sizes = { C, O, K };
    if (K % 2 !== 1) throw new ShapeError(`Conv2d: K: expected an odd number, got ${K}.`, "choose 1, 3 or 5");
    this.params = [
      makeParam(backend.arena, `${name}.weight`, [O, C, K, K]),
      makeParam(backend.arena, `${name}.bias`, [O]),
    ];
  }

  /** Returns ys (N, Y, X, O) of xs (N, Y, X, C), which must stay unchanged until `backward`. */
  forward(xs: Tensor): Tensor {
    const { C, O, K } = this.#sizes;
    expectShape("Conv2d.forward: xs", xs.shape, ["N", "Y", "X", C]);
    const [N = 0, Y = 0, X = 0] = xs.shape;
    const ys = this.#workspace.tensor("ys", [N, Y, X, O]);
    const [weight, bias] = this.params;
    const reads = { xs, weight: weight.value, bias: bias.value };
    this.#backend.kernels.conv2dForward({ ys }, reads, { N, Y, X, C, O, K });
    this.#xs = xs;
    return ys;
  }

  /**
   * Sets dxs (returned), adds to the gradients of weight and bias.
   * @param wantsInput false to skip dxs, in the first layer of a model. @default true
   */
  backward(dys: Tensor): Tensor;
  backward(dys: Tensor, wantsInput: boolean): Tensor | undefined;
  backward(dys: Tensor, wantsInput = true): Tensor | undefined {
    if (!this.#xs) throw new Error("Conv2d.backward: expected a forward pass before it, got none.");
    const xs = this.#xs;
    const { C, O, K } = this.#sizes;
    const [N = 0, Y = 0, X = 0] = xs.shape;
    expectShape("Conv2d.backward: dys", dys.shape, [N, Y, X, O]);
    const dxs = wantsInput ? this.#workspace.tensor("dxs", xs.shape) : undefined;
    const [weight, bias] = this.params;
    const writes = { dxs, dweight: weight.grad, dbias: bias.grad };
    this.#backend.kernels.conv2dBackward(writes, { dys, xs, weight: weight.value }, { N, Y, X, C, O, K });
    return dxs;
  }
}
