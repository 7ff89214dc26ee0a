import {
  addition,
  checkOptions,
  DataError,
  dates,
  encodeSplits,
  hashSource,
  type Pair,
  type PairData,
  PairOptions,
  PairScan,
  type PairSettings,
  pairSettings,
  readPairs,
  type SplitName,
  type Suggestion,
  splitNames,
  splitOf,
  suggestSettings,
  trainTokenizers,
  usualShares,
} from "seqloom";
import type { Options, TaskRequest } from "../messages.js";

/** Pairs to train on, by settings that what is left out by the form is filled into. */
export interface PreparedPairs {
  readonly data: PairData;
  readonly settings: PairSettings;
  readonly notes: readonly string[];
}

const LEAST = 10;

export function preparePairs(task: Exclude<TaskRequest, { kind: "text" }>, options: Options): PreparedPairs {
  const given = parseOptions(options);
  switch (task.kind) {
    case "addition": {
      const { digits, count } = task;
      const data = addition({ digits, seed: given.seed, ...(count !== undefined && { count }) });
      return { data, settings: pairSettings(given), notes: [] };
    }
    case "dates": {
      const data = dates({ seed: given.seed, ...(task.count !== undefined && { count: task.count }) });
      return { data, settings: pairSettings(given), notes: [] };
    }
    default:
      return prepareFile(task.name, task.bytes, given);
  }
}

function parseOptions(options: Options): PairOptions {
  return checkOptions("Train", PairOptions, options);
}

function prepareFile(name: string, bytes: Uint8Array, options: PairOptions): PreparedPairs {
  const parts = split(name, bytes, options.seed);
  const suggestion: Suggestion = suggestSettings(parts.train, parts.train.length);
  const settings = pairSettings(options, { preset: "text", changes: suggestion.changes });
  const texts = {
    name: name.replace(/\.[^.]*$/, ""),
    splits: () => splitNames.flatMap((split) => parts[split].map((pair) => [split, pair] as const)),
  };
  const { data, tooLong } = encodeSplits(
    texts,
    trainTokenizers(settings, () => parts.train),
    settings.maxTrainLength,
  );
  const { train, valid, test } = parts;
  const notes = [`${train.length} + ${valid.length} + ${test.length}`, suggestion.describe(settings)];
  if (tooLong > 0) notes.push(`${tooLong} > ${settings.maxTrainLength}`);
  return { data, settings, notes };
}

/** What is wrong with a row is told without the command line's advice. */
function readAll(name: string, bytes: Uint8Array): Pair[] {
  try {
    return Array.from(readPairs(name, [bytes]), ({ pair }) => pair);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(error.message, "mend the row or take it out; in each row a source, and behind it its answer");
  }
}

function split(name: string, bytes: Uint8Array, seed: number): Record<SplitName, Pair[]> {
  const pairs = readAll(name, bytes);
  if (pairs.length < LEAST)
    throw new DataError(
      `${name}: expected at least ${LEAST} pairs, got ${pairs.length}.`,
      "each line is a pair: a question, a tab, its answer",
    );
  const scan = new PairScan();
  for (const pair of pairs) scan.add(pair, hashSource(pair.source, seed));
  const shares = scan.fit(usualShares(pairs.length));
  const parts: Record<SplitName, Pair[]> = { train: [], valid: [], test: [] };
  for (const pair of pairs) parts[splitOf(pair.source, shares, seed)].push(pair);
  if (parts.test.length === 0)
    throw new DataError(
      `${name}: expected at least 2 different questions, got one in all ${pairs.length} pairs.`,
      "one has to be held out for the test",
    );
  return parts;
}
