import * as z from "zod/mini";
import { DataError } from "../engine/errors.js";
import { optimizers } from "../engine/optim/optimizer.js";
import type { Param } from "../engine/tensor.js";
import type { NamedArray, WeightForm } from "./dtypes.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";

/** The version of the format that this program writes, and the newest that it reads. See docs/model-file.md. */
const VERSION = 2;

/** A number in JSON, where one that is not finite is null. */
export const Figure = z.pipe(
  z.nullable(z.number()),
  z.transform((x) => x ?? Number.NaN),
);

/** A record of the training run that produced a model. */
export const TrainingRecord = z.object({
  data: z.string(),
  seed: z.number(),
  epochs: z.number(),
  steps: z.number(),
  options: z.record(z.string(), z.unknown()),
  scores: z.record(z.string(), Figure),
});
export type TrainingRecord = z.infer<typeof TrainingRecord>;

/** Everything that a model file holds, whatever its kind. */
export interface ModelContent {
  readonly model: { readonly config: object; readonly params: readonly Param[] };
  readonly tokenizer: object;
  readonly training?: TrainingRecord | undefined;
}

/** A model file, read but not yet turned into a model. */
export interface ModelFile {
  readonly name: string;
  readonly version: number;
  readonly training: TrainingRecord | undefined;
  /** All metadata, those of a checkpoint included, as the newest version writes them. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedArray>;
}

/** The bytes of a model file. @param extra more metadata and tensors, for a checkpoint */
export function writeModel(
  { model, tokenizer, training }: ModelContent,
  extra: { metadata?: Record<string, string>; tensors?: Iterable<readonly [string, NamedArray]> } = {},
): Uint8Array {
  const metadata = {
    format: "seqloom",
    version: String(VERSION),
    config: JSON.stringify(model.config),
    tokenizer: JSON.stringify(tokenizer),
    ...(training && { training: JSON.stringify(training) }),
    ...extra.metadata,
  };
  const weights = model.params.map(({ name, value }) => [name, { shape: value.shape, data: value.data }] as const);
  return writeSafetensors({ metadata, tensors: new Map([...weights, ...(extra.tensors ?? [])]) });
}

/**
 * The bytes of a file with the same model, its weights in another form. Of a checkpoint, the state to continue
 * training is left out.
 * @throws DataError where the form has no number as large as one of the weights
 */
export function exportModel(
  { metadata, tensors }: Pick<ModelFile, "metadata" | "tensors">,
  weights: WeightForm,
): Uint8Array {
  const { checkpoint: _, ...rest } = metadata;
  return writeSafetensors(
    { metadata: rest, tensors: new Map([...tensors].filter(([name]) => !isState(name))) },
    weights,
  );
}

/** True for arrays of a checkpoint that are not weights: the state of the optimizer or of a language model. */
export function isState(tensor: string): boolean {
  return [...Object.keys(optimizers), "state"].some((owner) => tensor.startsWith(`${owner}.`));
}

/** Reads a model file's metadata and arrays. @throws DataError if it is damaged, of another format, or newer */
export function readModelFile(name: string, bytes: Uint8Array): ModelFile {
  const { metadata: written, tensors } = readSafetensors(name, bytes);
  if (written["format"] !== "seqloom")
    throw new DataError(
      `${name}: expected a model of seqloom, got ${written["format"] ? `format "${written["format"]}"` : "a file of another program"}.`,
      "seqloom train writes model files",
    );
  const version = Number(written["version"]);
  if (!(version === 1 || version === VERSION))
    throw new DataError(
      `${name}: expected version ${VERSION} or older, got ${written["version"] ?? "none"}.`,
      version > VERSION ? "a newer seqloom made this file: update seqloom" : "the file is damaged",
    );
  const metadata = version < VERSION ? upgradeMetadata(written) : written;
  const file = { name, version, metadata, tensors };
  const training = metadata["training"] === undefined ? undefined : readPart(file, "training", TrainingRecord);
  return { ...file, training };
}

/** An entry of the metadata by its schema. @throws DataError if it is missing or does not fit */
export function readPart<T>(
  { name, metadata }: Pick<ModelFile, "name" | "metadata">,
  key: string,
  schema: z.ZodMiniType<T>,
): T {
  const parsed = z.safeParse(schema, parseJSON(metadata[key]));
  if (parsed.success) return parsed.data;
  const where = [key, ...(parsed.error.issues[0]?.path ?? [])].join(".");
  const got = metadata[key] === undefined ? "none" : "something else";
  throw new DataError(`${name}: expected ${where} as seqloom writes it, got ${got}.`, "the file is damaged");
}

/** An array of a file. @throws DataError if it is missing or of another shape */
export function arrayOf(
  { name, tensors }: Pick<ModelFile, "name" | "tensors">,
  tensor: string,
  shape: readonly number[],
): NamedArray {
  const array = tensors.get(tensor);
  if (array && array.shape.join() === shape.join()) return array;
  throw new DataError(
    `${name}: ${tensor}: expected shape (${shape.join(", ")}), got ${array ? `(${array.shape.join(", ")})` : "no such array"}.`,
    "the file is damaged",
  );
}

/** Copies a file's arrays into tensors of the same names. @throws DataError where one holds what is no number */
export function loadArrays(
  file: Pick<ModelFile, "name" | "tensors">,
  targets: readonly Pick<Param, "name" | "value">[],
): void {
  for (const { name, value } of targets) {
    const { data } = arrayOf(file, name, value.shape);
    if (!areFinite(data))
      throw new DataError(
        `${file.name}: ${name}: expected finite numbers, got others among them.`,
        "the model diverged, or the file is damaged",
      );
    value.data.set(data);
  }
}

function areFinite(data: Float32Array): boolean {
  let zero = 0;
  for (const x of data) zero += 0 * x; // NaN from the first that is not finite on
  return zero === 0;
}

/** The value of a JSON text, or undefined where there is none. */
export function parseJSON(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

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
