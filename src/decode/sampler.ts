import * as z from "zod/mini";
import { checkOptions, describeOption } from "../engine/check-options.js";
import { OptionError } from "../engine/errors.js";
import type { Random } from "../engine/random.js";

/** Sampling of the next token. */
export const SamplerOptions = z.object({
  greedy: z._default(
    z.boolean().check(describeOption("decoding", "Choose the most probable token at each step")),
    false,
  ),
  temperature: z._default(
    z
      .number()
      .check(
        z.minimum(0.001),
        z.maximum(100),
        describeOption(
          "decoding",
          "Sample at this temperature: below 1 favours probable tokens, above 1 flattens the distribution",
        ),
      ),
    1,
  ),
  topK: z.optional(
    z.int().check(z.minimum(1), describeOption("decoding", "Sample from the K most probable tokens", "off")),
  ),
  topP: z.optional(
    z
      .number()
      .check(
        z.gt(0),
        z.maximum(1),
        describeOption("decoding", "Sample from the most probable tokens that make up this share", "off"),
      ),
  ),
});
export type SamplerOptions = z.infer<typeof SamplerOptions>;

/** Chooses the next token from probabilities. Draws one random number per token, or none if greedy. */
export class Sampler {
  /** Temperature at which the caller computes the probabilities; 1 if greedy. */
  readonly temperature: number;
  /** Tokens that are never chosen. */
  readonly suppressed: ReadonlySet<number>;
  readonly #options: SamplerOptions;
  #weights = new Float64Array(0);

  /** @throws OptionError if a value is out of range */
  constructor(options: z.input<typeof SamplerOptions> = {}, suppressed: Iterable<number> = []) {
    this.#options = checkOptions("Sampler", SamplerOptions, options);
    this.suppressed = new Set(suppressed);
    this.temperature = this.#options.greedy ? 1 : this.#options.temperature;
  }

  /**
   * Chooses a token.
   *
   * @param probabilities (V), need not add up to 1
   * @throws OptionError if all tokens are excluded
   */
  choose(probabilities: Float32Array, random: Random): number {
    const { greedy, topK, topP } = this.#options;
    if (greedy) return this.#mostProbable(probabilities);
    if (topK === undefined && topP === undefined && this.suppressed.size === 0) return draw(probabilities, random);
    const weights = this.#buffer(probabilities.length);
    weights.set(probabilities);
    for (const id of this.suppressed) weights[id] = 0;
    if (topK !== undefined || topP !== undefined) keepMostProbable(weights, topK ?? weights.length, topP ?? 1);
    return weights.some((weight) => weight > 0) ? draw(weights, random) : this.#mostProbable(probabilities);
  }

  #buffer(size: number): Float64Array {
    if (this.#weights.length !== size) this.#weights = new Float64Array(size);
    return this.#weights;
  }

  #mostProbable(probabilities: Float32Array): number {
    let best = -1;
    let most = Number.NEGATIVE_INFINITY;
    for (let id = 0; id < probabilities.length; id++) {
      const x = probabilities[id] ?? 0;
      if ((best < 0 || x > most) && !this.suppressed.has(id)) [best, most] = [id, x];
    }
    if (best < 0) throw new OptionError("suppress: expected at least one token left to produce, got none.");
    return best;
  }
}

/** Draws in proportion to the weights; the last token if all are 0. */
function draw(weights: Float32Array | Float64Array, random: Random): number {
  let total = 0;
  for (let id = 0; id < weights.length; id++) total += weights[id] ?? 0;
  let left = random.uniform() * total;
  let last = weights.length - 1;
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id] ?? 0;
    if (weight === 0) continue;
    left -= weight;
    if (left < 0) return id;
    last = id;
  }
  return last;
}

/** Zeroes all but the K largest weights, and of these all after the first that together have the share P. */
function keepMostProbable(weights: Float64Array, K: number, P: number): void {
  const sorted = weights.slice().sort(); // ascending
  const total = sorted.reduce((sum, x) => sum + x, 0);
  let [kept, share] = [0, 0];
  while (kept < K && kept < sorted.length && (kept === 0 || share < P * total))
    share += sorted[sorted.length - ++kept] ?? 0;
  const least = sorted[sorted.length - kept] ?? 0;
  let ties = kept - sorted.filter((x) => x > least).length; // of several equal to the least, the first stay
  for (const [id, weight] of weights.entries()) {
    if (weight > least) continue;
    if (weight < least || ties-- <= 0) weights[id] = 0;
  }
}
