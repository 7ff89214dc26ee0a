import { Random } from "../engine/random.js";
import type { LanguageModel } from "../models/language-model.js";
import { Sampler } from "./sampler.js";

/** Options of `generate`. */
export interface GenerateOptions {
  /** Ids of the beginning, at least one; the model reads them all, and only the last is sampled from. */
  readonly start: readonly number[];
  /** Tokens in all, the beginning among them. @default 100 */
  readonly length?: number;
  /** Ends after this token. */
  readonly until?: number;
  /** With `until`: how often it must come. @default 1 */
  readonly times?: number;
  /** Sampling of the next token. @default draws from the whole distribution */
  readonly sampler?: Sampler;
  /** Random numbers of the sampling. @default new Random(1) */
  readonly random?: Random;
  /** Reset the state of the model first. @default true */
  readonly reset?: boolean;
}

/** Writes on from a beginning, token by token. The beginning itself is not repeated. */
export function* generateIds(model: LanguageModel, options: GenerateOptions): Generator<number, void> {
  const { start, length = 100, until, sampler = new Sampler(), random = new Random(1), reset = true } = options;
  let left = options.times ?? 1;
  if (reset) model.state = undefined;
  if (length <= start.length) return;
  let probabilities = model.probabilities(start, sampler.temperature, sampler.skipped);
  for (let count = start.length; count < length; count++) {
    const id = sampler.choose(probabilities, random);
    yield id;
    if (id === until && --left === 0) return;
    if (count + 1 < length) probabilities = model.probabilities([id], sampler.temperature, sampler.skipped);
  }
}

/** Generates as `generateIds` does, and yields to the event loop every 16 tokens: for pages and servers. */
export async function* generate(model: LanguageModel, options: GenerateOptions): AsyncGenerator<number, void> {
  let count = 0;
  for (const id of generateIds(model, options)) {
    yield id;
    if (++count % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
