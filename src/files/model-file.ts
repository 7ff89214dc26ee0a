import * as z from "zod/mini";
import type { Backend } from "../backend/backend.js";
import { DataError } from "../errors.js";
import { cells } from "../layers/cells.js";
import { Seq2Seq, Seq2SeqConfig } from "../models/seq2seq.js";
import type { Param } from "../tensor.js";
import { PairTokenizer, PairTokenizerJSON } from "../text/pair-tokenizer.js";
import { type NamedArray, readSafetensors, writeSafetensors } from "./safetensors.js";

/** The version of the format that this program writes, and the newest that it reads. See docs/model-file.md. */
const VERSION = 1;

/** How a model came about. */
export const TrainingRecord = z.object({
  data: z.string(),
  seed: z.number(),
  epochs: z.number(),
  updates: z.number(),
  options: z.record(z.string(), z.unknown()),
  scores: z.record(z.string(), z.number()),
});
export type TrainingRecord = z.infer<typeof TrainingRecord>;

/** A model with all that using it takes. */
export interface SavedModel {
  readonly model: Seq2Seq;
  readonly tokenizer: PairTokenizer;
  readonly training?: TrainingRecord | undefined;
}

/** What a file says of itself before any weight is used. */
export interface ModelFile {
  readonly name: string;
  readonly version: number;
  readonly config: Seq2Seq["config"];
  readonly tokenizer: PairTokenizer;
  readonly training: TrainingRecord | undefined;
  /** All metadata, those of a checkpoint included. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, NamedArray>;
}

/** The bytes of a model file. @param extra more metadata and tensors, for a checkpoint */
export function writeModel(
  { model, tokenizer, training }: SavedModel,
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

/** Reads a model file's description and arrays. @throws DataError where it is damaged, of another format, or newer */
export function readModel(name: string, bytes: Uint8Array): ModelFile {
  const { metadata, tensors } = readSafetensors(name, bytes);
  if (metadata["format"] !== "seqloom")
    throw new DataError(
      `${name}: expected a model of seqloom, got ${metadata["format"] ? `format "${metadata["format"]}"` : "a file of another program"}.`,
      "seqloom train writes model files",
    );
  const version = Number(metadata["version"]);
  if (!(version >= 1 && version <= VERSION))
    throw new DataError(
      `${name}: expected version ${VERSION} or older, got ${metadata["version"] ?? "none"}.`,
      version > VERSION ? "a newer seqloom made this file: update seqloom" : "the file is damaged",
    );
  const part = <T>(key: string, schema: z.ZodMiniType<T>): T => {
    const parsed = z.safeParse(schema, parseJSON(metadata[key]));
    if (parsed.success) return parsed.data;
    const where = [key, ...(parsed.error.issues[0]?.path ?? [])].join(".");
    const got = metadata[key] === undefined ? "none" : "something else";
    throw new DataError(`${name}: expected ${where} as seqloom writes it, got ${got}.`, "the file is damaged");
  };
  return {
    ...{ name, version, metadata, tensors },
    config: part("config", Seq2SeqConfig),
    tokenizer: PairTokenizer.fromJSON(part("tokenizer", PairTokenizerJSON)),
    training: metadata["training"] === undefined ? undefined : part("training", TrainingRecord),
  };
}

/** Makes the model that a file describes. @throws DataError where arrays are missing or of another shape */
export function restoreModel(backend: Backend, file: ModelFile): SavedModel {
  const { config, tokenizer, training } = file;
  if (config.sourceVocabulary !== tokenizer.source.size || config.targetVocabulary !== tokenizer.target.size)
    throw new DataError(`${file.name}: expected vocabularies of the tokenizer's sizes.`, "the file is damaged");
  expectWeights(file);
  const model = new Seq2Seq(backend, config);
  loadArrays(file, model.params);
  return { model, tokenizer, training };
}

/** A model is no larger than its file: what the configuration claims is held against the arrays before it is made. */
function expectWeights({ name, config, tensors }: ModelFile): void {
  const { cell, sourceVocabulary, targetVocabulary, embedding: D, hidden: H } = config;
  const C = config.decoder === "peeky" ? H : 0;
  const G = cells[cell].gates * H;
  const expected: [tensor: string, shape: readonly [number, number]][] = [
    ["encoder.embedding.weight", [sourceVocabulary, D]],
    [`encoder.${cell}.weight_ih_l0`, [G, D]],
    [`encoder.${cell}.weight_hh_l0`, [G, H]],
    ["decoder.embedding.weight", [targetVocabulary, D]],
    [`decoder.${cell}.weight_ih_l0`, [G, C + D]],
    ["decoder.linear.weight", [targetVocabulary, C + H]],
  ];
  for (const [tensor, shape] of expected) {
    const array = tensors.get(tensor);
    if (array?.shape.join() !== shape.join())
      throw new DataError(
        `${name}: ${tensor}: expected shape (${shape.join(", ")}), got ${array ? `(${array.shape.join(", ")})` : "no such array"}.`,
        "the file is damaged",
      );
  }
}

/** Copies a file's arrays into tensors of the same names. */
export function loadArrays(file: ModelFile, targets: readonly Pick<Param, "name" | "value">[]): void {
  for (const { name, value } of targets) {
    const array = file.tensors.get(name);
    if (!array || array.shape.join() !== value.shape.join())
      throw new DataError(
        `${file.name}: ${name}: expected shape (${value.shape.join(", ")}), got ${array ? `(${array.shape.join(", ")})` : "no such array"}.`,
        "the file is damaged",
      );
    value.data.set(array.data);
  }
}

/** The value of a JSON text, or undefined where there is none. */
export function parseJSON(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
