import type { Backend } from "../engine/backend/backend.js";
import { expectShape, ShapeError } from "../engine/errors.js";
import { Dropout } from "../engine/layers/dropout.js";
import type { Layer } from "../engine/layers/layer.js";
import { Linear } from "../engine/layers/linear.js";
import { Positions } from "../engine/layers/positions.js";
import { Tanh } from "../engine/layers/tanh.js";
import { type Ints, type Param, Tensor } from "../engine/tensor.js";
import type { CaptionerConfig } from "./captioner-config.js";
import { Convolutions } from "./convolutions.js";
import type { DecoderStack } from "./decoder-stack.js";
import type { DropoutOptions, Encoded, EncodedGradient } from "./encoder.js";
import type { SourceEncoder } from "./encoder-decoder.js";
import { InitialStates, InitialStep } from "./initial-states.js";

/**
 * Encoder of pictures (N, Y, X, C), or of the feature maps of another network.
 *
 *     features = blocks of convolutions, dropout                          (N, y, x, F)
 *     initial  = linear layer of the flattened features                   (N, layers·H) or (N, D)
 *     states   = tanh(initial), or those after `initial` as a step of input
 *     hs       = tanh(linear layer of each position + its embedding)      (N, y·x, H), for a decoder with attention
 */
export class PictureEncoder implements SourceEncoder {
  readonly params: readonly Param[];
  readonly #backend: Backend;
  readonly #pictures: readonly [height: number, width: number, channels: number];
  readonly #convolutions: Convolutions;
  readonly #dropout: Dropout;
  readonly #linear: Linear;
  readonly #first: InitialStates | InitialStep;
  readonly #positions: PositionFeatures | undefined;
  /** True if the layers before the dropout have parameters. */
  readonly #learns: boolean;

  constructor(backend: Backend, config: CaptionerConfig, { phase, ...mask }: DropoutOptions) {
    const { height, width, channels, blocks, embeddingSize: D, hiddenSize: H, cell, layers } = config;
    this.#backend = backend;
    this.#pictures = [height, width, channels];
    this.#convolutions = new Convolutions(backend, { height, width, channels }, blocks, "encoder.conv");
    this.#learns = blocks.length > 0;
    this.#dropout = new Dropout(backend, phase, { ...mask, stream: 0 });
    const { size } = this.#convolutions;
    const S = size.height * size.width;
    this.#first =
      config.first === "step"
        ? new InitialStep(backend, { D, H, C: contextSize(config), cell, layers })
        : new InitialStates(backend, { H, layers });
    this.#linear = new Linear(backend, { D: S * size.channels, O: this.#first.width }, "encoder.linear");
    this.#positions =
      config.decoder === "attention"
        ? new PositionFeatures(backend, { S, C: size.channels, H }, "encoder.grid")
        : undefined;
    const parts = [this.#convolutions, this.#linear, this.#first, this.#positions];
    this.params = parts.flatMap((part) => part?.params ?? []);
  }

  get stack(): DecoderStack | undefined {
    return this.#first instanceof InitialStep ? this.#first.stack : undefined;
  }

  forward(source: Ints | Tensor): Encoded {
    if (!(source instanceof Tensor)) throw new ShapeError("PictureEncoder.forward: expected pictures, got ids.");
    expectShape("PictureEncoder.forward: pictures", source.shape, ["N", ...this.#pictures]);
    const features = this.#dropout.forward(this.#convolutions.forward(source));
    const [N = 0, Y = 0, X = 0, F = 0] = features.shape;
    const states = this.#first.forward(this.#linear.forward(features.as([N, 1, Y * X * F])));
    const positions = features.as([N, Y * X, F]);
    return { states, hs: this.#positions?.forward(positions) ?? positions };
  }

  /** @param gradient of the value that `forward` returned */
  backward({ states, hs }: EncodedGradient): void {
    const dfeatures = this.#linear.backward(this.#first.backward(states), this.#learns);
    const more = hs && this.#positions?.backward(hs, this.#learns);
    if (!dfeatures) return;
    if (more) this.#backend.kernels.accumulate({ ys: dfeatures }, { xs: more }, { R: more.size });
    const { height, width, channels } = this.#convolutions.size;
    const shape = [dfeatures.shape[0] ?? 0, height, width, channels];
    this.#convolutions.backward(this.#dropout.backward(dfeatures).as(shape));
  }
}

/** Size of the context that the decoder's first layer reads besides its input. */
function contextSize({ decoder, inputFeeding, tieWeights, embeddingSize, hiddenSize }: CaptionerConfig): number {
  if (decoder === "peeky") return hiddenSize;
  if (!inputFeeding) return 0;
  return tieWeights === "none" ? hiddenSize : embeddingSize;
}

/**
 * Features that attention reads at each of the S positions of a picture: `hs[n, s] = tanh(weight·xs[n, s] + bias + position[s])`.
 * Convolutions are equivariant to translation, so only the position embedding tells above from below.
 *
 * Input (N, S, C), output (N, S, H).
 */
class PositionFeatures implements Layer {
  readonly params: readonly Param[];
  readonly #linear: Linear;
  readonly #positions: Positions;
  readonly #tanh: Tanh;

  constructor(backend: Backend, { S, C, H }: { S: number; C: number; H: number }, name: string) {
    this.#linear = new Linear(backend, { D: C, O: H }, name);
    this.#positions = new Positions(backend, { S, D: H }, name);
    this.#tanh = new Tanh(backend);
    this.params = [...this.#linear.params, ...this.#positions.params];
  }

  forward(xs: Tensor): Tensor {
    return this.#tanh.forward(this.#positions.forward(this.#linear.forward(xs)));
  }

  /** Sets dxs (returned) if `needsInput`; adds to the gradients of the parameters. */
  backward(dhs: Tensor, needsInput: boolean): Tensor | undefined {
    return this.#linear.backward(this.#positions.backward(this.#tanh.backward(dhs)), needsInput);
  }
}
