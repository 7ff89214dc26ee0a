import {
  addition,
  checkOptions,
  DataError,
  dates,
  encodeSplits,
  MemoryFiles,
  openPairs,
  type PairData,
  PairOptions,
  type PairSettings,
  type PairSource,
  pairSettings,
  type Suggestion,
  suggestSettings,
  trainTokenizers,
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
  const source = openFile(name, bytes, options.seed);
  const { train, valid, test } = source.counts;
  const suggestion: Suggestion = suggestSettings(source.pairs("train"), train);
  const settings = pairSettings(options, { preset: "text", changes: suggestion.changes });
  const tokenizers = trainTokenizers(settings, () => source.pairs("train"));
  const { data, tooLong } = encodeSplits(source, tokenizers, settings.maxTrainLength);
  const notes = [`${train} + ${valid} + ${test}`, suggestion.describe(settings)];
  if (tooLong > 0) notes.push(`${tooLong} > ${settings.maxTrainLength}`);
  return { data, settings, notes };
}

/** Opens a file of pairs. Errors get a hint without options that the page does not have. */
function openFile(name: string, bytes: Uint8Array, seed: number): PairSource {
  try {
    return openPairs(name, { least: LEAST }, seed, new MemoryFiles([[name, bytes]]));
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(
      error.message,
      "put one pair on each line: a question, a tab, its answer; at least two questions must differ",
    );
  }
}
