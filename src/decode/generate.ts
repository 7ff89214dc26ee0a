import { Random } from "../engine/random.js";
import type { LanguageModel } from "../models/language-model.js";
import { Sampler } from "./sampler.js";

/** Options of `generate`. */
export interface GenerateOptions {
  /** Ids of the beginning, at least one; the model reads them all, and only the last is sampled from. */
  readonly prompt: readonly number[];
  /** Most new tokens, not counting the prompt. @default 100 */
  readonly maxTokens?: number;
  /** Ends after this token. */
  readonly stop?: number;
  /** With `stop`: how often it must come. @default 1 */
  readonly stopCount?: number;
  /** Sampling of the next token. @default draws from the whole distribution */
  readonly sampler?: Sampler;
  /** Random numbers of the sampling. @default new Random(1) */
  readonly random?: Random;
  /** Reset the state of the model first. @default true */
  readonly reset?: boolean;
}

/** Continues a prompt, token by token. The prompt itself is not repeated. */
export function* generateIds(model: LanguageModel, options: GenerateOptions): Generator<number, void> {
  const { prompt, maxTokens = 100, stop, sampler = new Sampler(), random = new Random(1), reset = true } = options;
  let left = options.stopCount ?? 1;
  if (reset) model.state = undefined;
  if (maxTokens <= 0) return;
  let probabilities = model.probabilities(prompt, sampler.temperature, sampler.suppressed);
  for (let count = 1; count <= maxTokens; count++) {
    const id = sampler.choose(probabilities, random);
    yield id;
    if (id === stop) {
      left -= 1;
      if (left === 0) return;
    }
    if (count < maxTokens) probabilities = model.probabilities([id], sampler.temperature, sampler.suppressed);
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
