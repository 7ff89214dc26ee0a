import type { Backend } from "../engine/backend/backend.js";
import { expectShape, ShapeError } from "../engine/errors.js";
import { Dropout } from "../engine/layers/dropout.js";
import { Linear } from "../engine/layers/linear.js";
import { type Ints, type Param, Tensor } from "../engine/tensor.js";
import type { CaptionerConfig } from "./captioner-config.js";
import { Convolutions } from "./convolutions.js";
import type { DecoderStack } from "./decoder-stack.js";
import type { DropoutOptions, Encoded, EncodedGradient } from "./encoder.js";
import type { SourceEncoder } from "./encoder-decoder.js";
import { FirstStates } from "./first-states.js";
import { FirstStep } from "./first-step.js";
import { Grid } from "./grid.js";

/**
 * Reads pictures (N, Y, X, C), or what another network has made of them, for a decoder.
 *
 *     grid   = blocks of convolutions, dropout                    (N, y, x, F)
 *     first  = linear layer of the flattened grid                 (N, layers·H) or (N, D)
 *     states = tanh(first), or those after `first` as a step of input
 *     hs     = tanh(linear layer of each place + its position)    (N, y·x, H), for a decoder with attention
 */
export class PictureEncoder implements SourceEncoder {
  readonly params: readonly Param[];
  readonly #backend: Backend;
  readonly #pictures: readonly [height: number, width: number, channels: number];
  readonly #convolutions: Convolutions;
  readonly #dropout: Dropout;
  readonly #linear: Linear;
  readonly #first: FirstStates | FirstStep;
  readonly #grid: Grid | undefined;
  /** Whether there is something before the dropout that learns. */
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
        ? new FirstStep(backend, { D, H, C: contextSize(config), cell, layers })
        : new FirstStates(backend, { H, layers });
    this.#linear = new Linear(backend, { D: S * size.channels, O: this.#first.width }, "encoder.linear");
    this.#grid =
      config.decoder === "attention" ? new Grid(backend, { S, C: size.channels, H }, "encoder.grid") : undefined;
    const parts = [this.#convolutions, this.#linear, this.#first, this.#grid];
    this.params = parts.flatMap((part) => part?.params ?? []);
  }

  get stack(): DecoderStack | undefined {
    return this.#first instanceof FirstStep ? this.#first.stack : undefined;
  }

  forward(source: Ints | Tensor): Encoded {
    if (!(source instanceof Tensor)) throw new ShapeError("PictureEncoder.forward: expected pictures, got ids.");
    expectShape("PictureEncoder.forward: pictures", source.shape, ["N", ...this.#pictures]);
    const features = this.#dropout.forward(this.#convolutions.forward(source));
    const [N = 0, Y = 0, X = 0, F = 0] = features.shape;
    const states = this.#first.forward(this.#linear.forward(features.as([N, 1, Y * X * F])));
    const places = features.as([N, Y * X, F]);
    return { states, hs: this.#grid?.forward(places) ?? places };
  }

  /** @param gradient of what `forward` returned */
  backward({ states, hs }: EncodedGradient): void {
    const dfeatures = this.#linear.backward(this.#first.backward(states), this.#learns);
    const more = hs && this.#grid?.backward(hs, this.#learns);
    if (!dfeatures) return;
    if (more) this.#backend.kernels.accumulate({ ys: dfeatures }, { xs: more }, { R: more.size });
    const { height, width, channels } = this.#convolutions.size;
    const grid = [dfeatures.shape[0] ?? 0, height, width, channels];
    this.#convolutions.backward(this.#dropout.backward(dfeatures).as(grid));
  }
}

/** Size of what the decoder's first layer sees before its input. */
function contextSize({ decoder, inputFeeding, tieWeights, embeddingSize, hiddenSize }: CaptionerConfig): number {
  if (decoder === "peeky") return hiddenSize;
  if (!inputFeeding) return 0;
  return tieWeights === "none" ? hiddenSize : embeddingSize;
}
