import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { openMeta } from "../engine/backend/meta.js";
import { DataError, OptionError, ShapeError } from "../engine/errors.js";
import { optimizers } from "../engine/optim/optimizer.js";
import type { Param } from "../engine/tensor.js";
import { Captioner } from "../models/captioner.js";
import { EncoderDecoder } from "../models/encoder-decoder.js";
import { LanguageModel } from "../models/language-model.js";
import { Seq2Seq } from "../models/seq2seq.js";
import {
  type AnsweringParts,
  type Described,
  KindOnly,
  type ModelParts,
  modelKinds,
  type TextParts,
} from "../tasks/model-kinds.js";
import { isTextCodec } from "../tasks/pairs/text-codec.js";
import type { NamedArray, WeightForm } from "./dtypes.js";
import { readSafetensors, writeSafetensors } from "./safetensors.js";
import { upgradeMetadata } from "./upgrade-config.js";

/** The version of the format that this program writes, and the newest that it reads. See docs/model-file.md. */
const VERSION = 2;

/** A number in JSON, where one that is not finite is null. */
export const Figure = z.pipe(
  z.nullable(z.number()),
  z.transform((x) => x ?? Number.NaN),
);

/** How a model came about. */
export const TrainingRecord = z.object({
  data: z.string(),
  seed: z.number(),
  epochs: z.number(),
  steps: z.number(),
  options: z.record(z.string(), z.unknown()),
  scores: z.record(z.string(), Figure),
});
export type TrainingRecord = z.infer<typeof TrainingRecord>;

/** A model with all that using it takes. */
export type SavedModel = ModelParts & { readonly training?: TrainingRecord | undefined };
/** A model that answers, whatever its questions are made of. */
export type SavedAnswering = AnsweringParts & Pick<SavedModel, "training">;
export type SavedSeq2Seq = TextParts & Pick<SavedModel, "training">;
export type SavedLanguageModel = Extract<ModelParts, { model: LanguageModel }> & Pick<SavedModel, "training">;

/** @throws DataError where a file holds a model that does not answer */
export function expectAnswering(name: string, saved: SavedModel): SavedAnswering {
  const answers = (one: SavedModel): one is SavedAnswering => one.model instanceof EncoderDecoder;
  if (answers(saved)) return saved;
  throw new DataError(
    `${name}: expected a model that answers, got a language model.`,
    "seqloom generate writes with it",
  );
}

/** @throws DataError where a file holds another kind of model, or one that reads no texts */
export function expectSeq2Seq(name: string, saved: SavedModel): SavedSeq2Seq {
  const { model, tokenizer, training } = saved;
  if (model instanceof Seq2Seq && isTextCodec(tokenizer)) return { model, tokenizer, training };
  if (model instanceof EncoderDecoder)
    throw new DataError(`${name}: expected a model of texts, got one that reads files.`, "seqloom predict asks it");
  throw new DataError(`${name}: expected a seq2seq model, got a language model.`, "seqloom generate writes with it");
}

/** @throws DataError where a file holds another kind of model */
export function expectLanguageModel(name: string, saved: SavedModel): SavedLanguageModel {
  const { model, tokenizer, training } = saved;
  if (model instanceof LanguageModel && !("target" in tokenizer)) return { model, tokenizer, training };
  const got = model instanceof Captioner ? "a captioner" : "a seq2seq model";
  throw new DataError(`${name}: expected a language model, got ${got}.`, "seqloom predict asks it");
}

/** What a file says of itself before any weight is used. */
export interface ModelFile extends Described {
  readonly name: string;
  readonly version: number;
  readonly training: TrainingRecord | undefined;
  /** All metadata, those of a checkpoint included, as the newest version writes them. */
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

/**
 * The bytes of a file with the same model, its weights in another form. Of a checkpoint, what is there to go on with the
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

/** Whether an array of a checkpoint is none of the model's: the optimizer's state, or a language model's. */
export function isState(tensor: string): boolean {
  return [...Object.keys(optimizers), "state"].some((owner) => tensor.startsWith(`${owner}.`));
}

/** Reads a model file's description and arrays. @throws DataError where it is damaged, of another format, or newer */
export function readModel(name: string, bytes: Uint8Array): ModelFile {
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
  const part = <T>(key: string, schema: z.ZodMiniType<T>): T => {
    const parsed = z.safeParse(schema, parseJSON(metadata[key]));
    if (parsed.success) return parsed.data;
    const where = [key, ...(parsed.error.issues[0]?.path ?? [])].join(".");
    const got = metadata[key] === undefined ? "none" : "something else";
    throw new DataError(`${name}: expected ${where} as seqloom writes it, got ${got}.`, "the file is damaged");
  };
  const { kind } = part("config", KindOnly);
  return {
    ...{ name, version, metadata, tensors },
    ...modelKinds[kind](part),
    training: metadata["training"] === undefined ? undefined : part("training", TrainingRecord),
  };
}

/**
 * Makes the model that a file describes. What the configuration claims is held against the arrays before it is made: a
 * model is no larger than its file.
 * @throws DataError where arrays are missing or of another shape
 */
export function restoreModel(backend: Backend, file: ModelFile): SavedModel {
  if (!file.agrees)
    throw new DataError(`${file.name}: expected vocabularies of the tokenizer's sizes.`, "the file is damaged");
  for (const { name, value } of makeParts(openMeta(), file).model.params) arrayOf(file, name, value.shape);
  const parts = makeParts(backend, file);
  loadArrays(file, parts.model.params);
  return { ...parts, training: file.training };
}

/** Here it is the file, not an option, that asks for what there is not. */
function makeParts(backend: Backend, file: ModelFile): ModelParts {
  try {
    return file.make(backend);
  } catch (error) {
    if (!(error instanceof OptionError || error instanceof ShapeError)) throw error;
    throw new DataError(`${file.name}: ${error.message}`, "the file is damaged");
  }
}

function arrayOf(
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
