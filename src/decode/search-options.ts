import type * as z from "zod/mini";
import { checkOptions } from "../engine/check-options.js";
import { OptionError } from "../engine/errors.js";
import { DecodeOptions } from "./decode-options.js";
import { Sampler } from "./sampler.js";
import type { WordList } from "./word-list.js";

export interface SearchOptions extends Omit<z.input<typeof DecodeOptions>, "maxLength"> {
  /** The token that stands before an answer. */
  readonly start: number;
  /** The token that ends an answer; without one every answer has `maxLength` tokens. */
  readonly end?: number | undefined;
  /** Most tokens of an answer, of all or of each source's, the end not among them: after so many only the end can follow. */
  readonly maxLength: number | ArrayLike<number>;
  /** Tokens that are never written. */
  readonly suppress?: Iterable<number> | undefined;
  /** Answers consist of these words and what separates words. */
  readonly words?: WordList | undefined;
  /** Hand back the attention of each step, where the model has any. @default false */
  readonly keepAttention?: boolean | undefined;
  /** What the draws come from, each source's from a stream of its own. @default 1 */
  readonly seed?: number | undefined;
  /** The stream of each source, so that no draw depends on how they are batched. @default 0, 1, 2 … */
  readonly streams?: ArrayLike<number> | undefined;
}

/** The same, with defaults filled in. */
export interface SearchSettings extends Omit<DecodeOptions, "maxLength"> {
  readonly start: number;
  readonly end: number | undefined;
  readonly maxLength: number | ArrayLike<number>;
  readonly suppress: readonly number[];
  readonly words: WordList | undefined;
  readonly keepAttention: boolean;
  readonly seed: number;
  readonly streams: ArrayLike<number> | undefined;
  /** Present where tokens are drawn. */
  readonly sampler: Sampler | undefined;
}

/** @throws OptionError for what is out of range or contradicts itself */
export function searchSettings(V: number, options: SearchOptions): SearchSettings {
  const { start, end, words, maxLength, keepAttention = false, seed = 1, streams } = options;
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
      `search: nBest: expected at most the beam, ${beam}, got ${nBest}.`,
      `a beam of ${nBest} or more`,
    );
  if (minLength > least)
    throw new OptionError(`search: minLength: expected at most maxLength, ${least}, got ${minLength}.`);
  const isDrawn = (temperature ?? topK ?? topP) !== undefined;
  if (isDrawn && beam > 1)
    throw new OptionError(
      `search: beam: expected 1 where tokens are drawn, got ${beam}.`,
      "leave out either the beam or temperature, topK and topP",
    );
  const sampler = isDrawn ? new Sampler({ temperature: temperature ?? 1, topK, topP }) : undefined;
  return { ...checked, start, end, words, maxLength, keepAttention, seed, streams, suppress, sampler };
}
