import {
  addition,
  DataError,
  dates,
  makeTextPairData,
  OptionError,
  type PairData,
  PairOptions,
  type PairPart,
  type PairSettings,
  pairSettings,
  partOf,
  readPairs,
  type Suggestion,
  suggestSettings,
  type TextPair,
  type Tokenizer,
  tokenizerKinds,
  trainTokenizer,
} from "seqloom";
import * as z from "zod/mini";
import type { Options, Task } from "../messages.js";

/** Pairs to train on, by settings that what is left out by the form is filled into. */
export interface PreparedPairs {
  readonly data: PairData;
  readonly settings: PairSettings;
  readonly notes: readonly string[];
}

/** What of a file of pairs is held out, as on the command line. */
const SHARES = { valid: 0.05, test: 0.1 };
const MOST_HELD = { valid: 2500, test: 5000 };
const LEAST = 10;

export function preparePairs(task: Exclude<Task, { kind: "text" }>, options: Options): PreparedPairs {
  const told = parseOptions(options);
  switch (task.kind) {
    case "addition": {
      const { digits, count } = task;
      const data = addition({ digits, seed: told.seed, ...(count !== undefined && { count }) });
      return { data, settings: pairSettings(told), notes: [] };
    }
    case "dates": {
      const data = dates({ seed: told.seed, ...(task.count !== undefined && { count: task.count }) });
      return { data, settings: pairSettings(told), notes: [] };
    }
    default:
      return prepareFile(task.name, task.bytes, told);
  }
}

function parseOptions(options: Options): PairOptions {
  const parsed = z.safeParse(PairOptions, options);
  if (parsed.success) return parsed.data;
  throw new OptionError(z.prettifyError(parsed.error));
}

function prepareFile(name: string, bytes: Uint8Array, options: PairOptions): PreparedPairs {
  const parts = split(name, bytes, options.seed);
  const suggestion: Suggestion = suggestSettings(parts.train, parts.train.length);
  const settings = pairSettings(options, { model: "text", changes: suggestion.changes });
  const texts = { name: name.replace(/\.[^.]*$/, ""), pairs: (part: PairPart) => parts[part] };
  const { data, tooLong } = makeTextPairData(texts, makeTokenizers(settings, parts.train), settings.longest);
  const { train, valid, test } = parts;
  const notes = [`${train.length} + ${valid.length} + ${test.length}`, suggestion.describe(settings)];
  if (tooLong > 0) notes.push(`${tooLong} > ${settings.longest}`);
  return { data, settings, notes };
}

function split(name: string, bytes: Uint8Array, seed: number): Record<PairPart, TextPair[]> {
  const pairs = Array.from(readPairs(name, [bytes]), ({ pair }) => pair);
  if (pairs.length < LEAST)
    throw new DataError(
      `${name}: expected at least ${LEAST} pairs, got ${pairs.length}.`,
      "each line is a pair: a question, a tab, its answer",
    );
  const shares = {
    valid: Math.min(SHARES.valid, MOST_HELD.valid / pairs.length),
    test: Math.min(SHARES.test, MOST_HELD.test / pairs.length),
  };
  const parts: Record<PairPart, TextPair[]> = { train: [], valid: [], test: [] };
  for (const pair of pairs) parts[partOf(pair.source, shares, seed)].push(pair);
  for (const part of ["test", "train"] as const)
    if (parts[part].length === 0)
      throw new DataError(
        `${name}: expected enough different questions to hold some out for the test, got too few among ${pairs.length} pairs.`,
        "add pairs, or choose another seed",
      );
  return parts;
}

/** Tokenizers for both sides, made from the training part. */
function makeTokenizers(settings: PairSettings, pairs: readonly TextPair[]): { source: Tokenizer; target: Tokenizer } {
  const { tokens, targetTokens = tokens, vocabulary: size, lowercase, punctuation, shared } = settings;
  const make = (name: string, sides: readonly ("source" | "target")[]): Tokenizer => {
    const kind = tokenizerKinds.find((known) => known === name);
    if (!kind) throw new OptionError(`tokens: expected one of ${tokenizerKinds.join(", ")}, got "${name}".`);
    const texts = pairs.flatMap((pair) => sides.map((side) => pair[side]));
    return trainTokenizer(kind, texts, { size, lowercase, punctuation });
  };
  if (shared && tokens === targetTokens) {
    const both = make(tokens, ["source", "target"]);
    return { source: both, target: both };
  }
  return { source: make(tokens, ["source"]), target: make(targetTokens, ["target"]) };
}
