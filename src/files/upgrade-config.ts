/** Configuration keys of format version 1 (seqloom 0.1.0) with their names in version 2. */
const inConfig: Readonly<Record<string, string>> = {
  attention: "attentionScore",
  combine: "attentionalHidden",
  tied: "tieWeights",
  passCell: "initCell",
  pyramid: "pyramidLayers",
  hidden: "hiddenSize",
  embedding: "embeddingSize",
  vocabulary: "vocabSize",
  sourceVocabulary: "sourceVocabSize",
  targetVocabulary: "targetVocabSize",
  frames: "frameSize",
};

/** Options of a training run. */
const inOptions: Readonly<Record<string, string>> = {
  ...inConfig,
  model: "preset",
  tokens: "tokenizer",
  targetTokens: "targetTokenizer",
  shared: "shareVocab",
  longest: "maxTrainLength",
  stack: "stackFrames",
  batch: "batchSize",
  time: "seqLen",
  updates: "maxSteps",
  rate: "learningRate",
  divide: "lrDecay",
  schedule: "lrSchedule",
  warmup: "warmupSteps",
  clip: "gradClip",
  smoothing: "labelSmoothing",
  sampling: "scheduledSampling",
  splitBy: "groupBy",
  length: "digits",
};

const inTraining: Readonly<Record<string, string>> = { updates: "steps" };
const inScores: Readonly<Record<string, string>> = { forcedAccuracy: "tokenAccuracy" };

/** Values of `tieWeights` by those of version 1. */
const tyings = new Map<unknown, string>([
  [false, "none"],
  [true, "output"],
  ["no", "none"],
  ["target", "output"],
]);

/** Renames the keys of a configuration of version 1. A value that is not a configuration stays unchanged. */
export const upgradeConfig = (config: unknown): unknown => upgrade(config, inConfig);

/** Converts the metadata of a file of version 1 to version 2. Damaged entries stay unchanged, for the reader to refuse. */
export function upgradeMetadata(metadata: Readonly<Record<string, string>>): Record<string, string> {
  const upgraded: Record<string, string> = { ...metadata, version: "2" };
  const parts = { config: upgradeConfig, tokenizer: upgradeTokenizer, training: upgradeTraining };
  for (const [key, change] of Object.entries(parts)) {
    const text = metadata[key];
    if (text === undefined) continue;
    try {
      upgraded[key] = JSON.stringify(change(JSON.parse(text)));
    } catch {} // the reader refuses damaged JSON
  }
  return upgraded;
}

function upgradeTokenizer(tokenizer: unknown): unknown {
  return isRecord(tokenizer) && tokenizer["type"] === "marked" ? { ...tokenizer, type: "eos" } : tokenizer;
}

function upgradeTraining(training: unknown): unknown {
  if (!isRecord(training)) return training;
  const { options, scores, ...rest } = training;
  const parts = { options: upgrade(options, inOptions), scores: upgrade(scores, inScores) };
  return { ...Object(upgrade(rest, inTraining)), ...parts };
}

function upgrade(values: unknown, names: Readonly<Record<string, string>>): unknown {
  if (!isRecord(values)) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const now = Object.hasOwn(names, name) ? (names[name] ?? name) : name;
      return [now, now === "tieWeights" ? (tyings.get(value) ?? value) : value];
    }),
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
