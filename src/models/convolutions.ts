import type { Backend } from "../engine/backend/backend.js";
import { Conv2d } from "../engine/layers/conv2d.js";
import type { Layer } from "../engine/layers/layer.js";
import { MaxPool } from "../engine/layers/max-pool.js";
import { ReLU } from "../engine/layers/relu.js";
import type { Param, Tensor } from "../engine/tensor.js";

/** Size of a picture or of a feature map. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * A small convolutional network for pictures (N, Y, X, C). Each block is a 3 × 3 convolution, 2 × 2 max pooling and a ReLU.
 * (Pooling before the ReLU gives the same numbers with a quarter of the work.) Without blocks it is the identity.
 */
export class Convolutions implements Layer {
  readonly params: readonly Param[];
  /** Size of the output. */
  readonly size: PictureSize;
  readonly #blocks: readonly { readonly conv: Conv2d; readonly pool: MaxPool; readonly relu: ReLU }[];

  /** @param blocks output channels of each block */
  constructor(backend: Backend, size: PictureSize, blocks: readonly number[], name: string) {
    this.#blocks = blocks.map((O, i) => ({
      conv: new Conv2d(backend, { C: blocks[i - 1] ?? size.channels, O }, `${name}.${i}`),
      ...{ pool: new MaxPool(backend), relu: new ReLU(backend) },
    }));
    this.params = this.#blocks.flatMap(({ conv }) => conv.params);
    this.size = sizeAfter(size, blocks);
  }

  forward(pictures: Tensor): Tensor {
    return this.#blocks.reduce((xs, { conv, pool, relu }) => relu.forward(pool.forward(conv.forward(xs))), pictures);
  }

  /** Adds to the gradients of the parameters. The gradient of the pictures is not computed. */
  backward(dys: Tensor): void {
    this.#blocks.reduceRight((dxs: Tensor | undefined, { conv, pool, relu }, i) => {
      return dxs && conv.backward(pool.backward(relu.backward(dxs)), i > 0);
    }, dys);
  }
}

/** Size of the output of some blocks. @param blocks output channels of each block */
export function sizeAfter({ height, width, channels }: PictureSize, blocks: readonly number[]): PictureSize {
  const [Y, X] = [height, width].map((side) => Math.floor(side / 2 ** blocks.length));
  return { height: Y ?? 0, width: X ?? 0, channels: blocks.at(-1) ?? channels };
}
