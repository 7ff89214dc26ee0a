import type { Random } from "../random.js";
import type { Param } from "../tensor.js";

type Scheme = (random: Random, fanIn: number, fanOut: number, isEmbedding: boolean) => number;

/**
 * Initializers: distributions of the initial weights; biases start at zero.
 * - `book`: N(0, 0.01²) for embeddings, N(0, 1/fan-in) for the rest. Source: Saito 2018, chapter 7.
 * - `glorot`: U(±√(6/(fan-in + fan-out))). Source: Glorot & Bengio 2010, equation 16.
 * - `uniform`: U(±0.1) for embeddings, U(±1/√fan-in) for the rest.
 * - `wide`: U(±1) for embeddings, U(±1/√fan-in) for the rest. States tell tokens apart from the first step on, which
 *   attention needs to learn copying.
 *
 * With every initializer, the weight of a convolution is N(0, 2/fan-in), which keeps the variance through ReLUs.
 * Source: He et al. 2015, equation 10.
 */
export const initializers = {
  book: (random, fanIn, _, isEmbedding) => random.normal() * (isEmbedding ? 0.01 : 1 / Math.sqrt(fanIn)),
  glorot: (random, fanIn, fanOut) => (2 * random.uniform() - 1) * Math.sqrt(6 / (fanIn + fanOut)),
  uniform: (random, fanIn, _, isEmbedding) => (2 * random.uniform() - 1) * (isEmbedding ? 0.1 : 1 / Math.sqrt(fanIn)),
  wide: (random, fanIn, _, isEmbedding) => (2 * random.uniform() - 1) * (isEmbedding ? 1 : 1 / Math.sqrt(fanIn)),
} as const satisfies Record<string, Scheme>;

/** Name of an initializer. */
export type InitializerName = keyof typeof initializers;

const drawConvolution: Scheme = (random, fanIn) => random.normal() * Math.sqrt(2 / fanIn);

/** Draws all weights of a model. The same seed gives the same bits on every backend. */
export function initialize(params: readonly Param[], scheme: InitializerName, random: Random): void {
  for (const { name, value } of params) {
    const [fanOut = 1, ...inputs] = value.shape;
    if (inputs.length === 0) continue; // a bias: zeros
    const draw: Scheme = inputs.length === 1 ? initializers[scheme] : drawConvolution;
    const fanIn = inputs.reduce((product, n) => product * n);
    const data = value.data;
    for (let i = 0; i < data.length; i++) data[i] = draw(random, fanIn, fanOut, name.endsWith("embedding.weight"));
  }
}
