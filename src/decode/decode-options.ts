import * as z from "zod/mini";
import { checkOptions, describeOption } from "../engine/check-options.js";
import { OptionError } from "../engine/errors.js";
import type { Constraint } from "./rules.js";
import { Sampler, SamplerOptions } from "./sampler.js";

/** Upper limit of `maxLength`, in tokens. */
export const LONGEST_ANSWER = 1_000_000;

/** Decoding strategy: greedy, beam search, or sampling if a temperature, a top-k or a top-p is given. */
export const DecodeOptions = z.object({
  beam: z._default(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(1000),
        describeOption("decoding", "Set the beam size, in hypotheses; 1 is greedy search"),
      ),
    1,
  ),
  nBest: z._default(
    z
      .int()
      .check(z.minimum(1), z.maximum(1000), describeOption("decoding", "Return the best answers, up to the beam size")),
    1,
  ),
  lengthPenalty: z._default(
    z
      .number()
      .check(
        z.minimum(0),
        z.maximum(10),
        describeOption("decoding", "Favour long answers by this exponent; 0 ranks by probability alone"),
      ),
    0.6,
  ),
  coveragePenalty: z._default(
    z
      .number()
      .check(
        z.minimum(0),
        z.maximum(10),
        describeOption("decoding", "Penalize answers that leave parts of the source unattended, by this weight"),
      ),
    0,
  ),
  noRepeatNgram: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(1000),
        describeOption("decoding", "Forbid n-grams of this many tokens from occurring twice in an answer", "off"),
      ),
  ),
  minLength: z._default(
    z
      .int()
      .check(z.minimum(0), z.maximum(LONGEST_ANSWER), describeOption("decoding", "Produce at least this many tokens")),
    0,
  ),
  maxLength: z.optional(
    z
      .int()
      .check(
        z.minimum(1),
        z.maximum(LONGEST_ANSWER),
        describeOption("decoding", "Produce at most this many tokens", "as in training"),
      ),
  ),
  temperature: z.optional(
    z
      .number()
      .check(
        z.minimum(0.001),
        z.maximum(100),
        describeOption(
          "decoding",
          "Sample at this temperature: below 1 favours probable tokens, above 1 flattens the distribution",
          "off",
        ),
      ),
  ),
  topK: SamplerOptions.shape.topK,
  topP: SamplerOptions.shape.topP,
});
export type DecodeOptions = z.infer<typeof DecodeOptions>;

/** Options of `search`: those of the decoding strategy, and those that depend on the model and the task. */
export interface SearchOptions extends Omit<z.input<typeof DecodeOptions>, "maxLength"> {
  /** Token that the decoder reads first. */
  readonly start: number;
  /** Token that ends an answer; without one every answer has `maxLength` tokens. @default none */
  readonly end?: number | undefined;
  /** Most tokens of an answer, of all answers or of each source's, not counting the end. After that only the end may follow. */
  readonly maxLength: number | ArrayLike<number>;
  /** Tokens that are never produced. @default none */
  readonly suppress?: Iterable<number> | undefined;
  /** Constrained decoding: answers are limited to the sequences that it allows. @default no constraint */
  readonly constraint?: Constraint | undefined;
  /** Return the attention weights of each step, if the model has attention. @default false */
  readonly keepAttention?: boolean | undefined;
  /** Seed of the sampling; each source draws from a stream of its own. @default 1 */
  readonly seed?: number | undefined;
  /** Random stream of each source, so that samples do not depend on the batch. @default 0, 1, 2 … */
  readonly streams?: ArrayLike<number> | undefined;
}

/** Checked options of a search, with defaults filled in. */
export interface SearchSettings extends Omit<DecodeOptions, "maxLength"> {
  readonly start: number;
  readonly end: number | undefined;
  readonly maxLength: number | ArrayLike<number>;
  readonly suppress: readonly number[];
  readonly constraint: Constraint | undefined;
  readonly keepAttention: boolean;
  readonly seed: number;
  readonly streams: ArrayLike<number> | undefined;
  /** Undefined unless tokens are sampled. */
  readonly sampler: Sampler | undefined;
}

/**
 * Checks the options of a search and fills in defaults.
 *
 * @param V vocabulary size of the model
 * @throws OptionError for options that are out of range or contradict each other
 */
export function searchSettings(V: number, options: SearchOptions): SearchSettings {
  const { start, end, constraint, maxLength, keepAttention = false, seed = 1, streams } = options;
  const lengths = typeof maxLength === "number" ? [maxLength] : Array.from(maxLength);
  const least = Math.min(...lengths);
  const checked = checkOptions("search", DecodeOptions, { ...options, maxLength: least });
  const { beam, nBest, minLength, temperature, topK, topP } = checked;
  const suppress = [...(options.suppress ?? [])];
  for (const [name, ids] of Object.entries({ start: [start], end: end === undefined ? [] : [end], suppress }))
    for (const id of ids)
      if (!Number.isInteger(id) || id < 0 || id >= V)
        throw new OptionError(`search: ${name}: expected a token from 0 to ${V - 1}, got ${id}.`);
  if (end !== undefined && suppress.includes(end))
    throw new OptionError(
      `search: suppress: expected tokens other than the end, got ${end}.`,
      "an answer could not end",
    );
  if (nBest > beam)
    throw new OptionError(
      `search: nBest: expected at most the beam size, ${beam}, got ${nBest}.`,
      `use a beam of ${nBest} or more`,
    );
  if (minLength > least)
    throw new OptionError(`search: minLength: expected at most maxLength, ${least}, got ${minLength}.`);
  const isSampled = (temperature ?? topK ?? topP) !== undefined;
  if (isSampled && beam > 1)
    throw new OptionError(
      `search: beam: expected 1 with temperature, topK or topP, got ${beam}.`,
      "leave out either the beam or temperature, topK and topP",
    );
  const sampler = isSampled ? new Sampler({ temperature: temperature ?? 1, topK, topP }) : undefined;
  return { ...checked, start, end, constraint, maxLength, keepAttention, seed, streams, suppress, sampler };
}
