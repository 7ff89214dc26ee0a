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

/** Encoded pairs, and the complete settings with defaults filled in. */
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

/** Reads all pairs. Errors get a hint without command-line options. */
function readAll(name: string, bytes: Uint8Array): Pair[] {
  try {
    return Array.from(readPairs(name, [bytes]), ({ pair }) => pair);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(error.message, "correct or remove the row; each row has a source, then its target");
  }
}

function split(name: string, bytes: Uint8Array, seed: number): Record<SplitName, Pair[]> {
  const pairs = readAll(name, bytes);
  if (pairs.length < LEAST)
    throw new DataError(
      `${name}: expected at least ${LEAST} pairs, got ${pairs.length}.`,
      "put one pair on each line: a question, a tab, its answer",
    );
  const scan = new PairScan();
  for (const pair of pairs) scan.add(pair, hashSource(pair.source, seed));
  const shares = scan.fit(usualShares(pairs.length));
  const parts: Record<SplitName, Pair[]> = { train: [], valid: [], test: [] };
  for (const pair of pairs) parts[splitOf(pair.source, shares, seed)].push(pair);
  if (parts.test.length === 0)
    throw new DataError(
      `${name}: expected at least 2 different questions, got one in all ${pairs.length} pairs.`,
      "at least one is needed for the test set",
    );
  return parts;
}
