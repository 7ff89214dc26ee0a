import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { openMeta } from "../engine/backend/meta.js";
import { keysOf } from "../engine/check-options.js";
import { DataError, OptionError, ShapeError } from "../engine/errors.js";
import {
  arrayOf,
  loadArrays,
  type ModelFile,
  readModelFile,
  readPart,
  type TrainingRecord,
} from "../files/model-file.js";
import { Captioner } from "../models/captioner.js";
import { CaptionerConfig } from "../models/captioner-config.js";
import { EncoderDecoder } from "../models/encoder-decoder.js";
import { LanguageModel, LanguageModelConfig } from "../models/language-model.js";
import { Seq2Seq, Seq2SeqConfig, sourceFields } from "../models/seq2seq.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../text/tokenizer.js";
import { CaptionPairs, CaptionPairsJSON } from "./captions/caption-codec.js";
import { isTextCodec, type TextCodec, TextCodecJSON, textCodecFromJSON } from "./pairs/text-codec.js";
import { FramePairs, FramePairsJSON } from "./sounds/frame-codec.js";

/** A model whose sources are texts, with its tokenizer. */
type TextParts = { readonly model: Seq2Seq; readonly tokenizer: TextCodec };

/** The tokenizer of a seq2seq model, whose sources are texts or frames. */
type SavedTokenizer = TextCodec | FramePairs;

/** An encoder–decoder with its tokenizer. */
type AnsweringParts =
  | { readonly model: Seq2Seq; readonly tokenizer: SavedTokenizer }
  | { readonly model: Captioner; readonly tokenizer: CaptionPairs };

/** A model with its tokenizer. */
type ModelParts = AnsweringParts | { readonly model: LanguageModel; readonly tokenizer: Tokenizer };

/** The description of a model in its file, before any weight is read. */
interface Described {
  readonly config: z.infer<typeof Seq2SeqConfig> | CaptionerConfig | z.infer<typeof LanguageModelConfig>;
  readonly tokenizer: ModelParts["tokenizer"];
  /** True if configuration and tokenizer have vocabularies of the same sizes. */
  readonly agrees: boolean;
  make(backend: Backend): ModelParts;
}

/** Reads an entry of the metadata by its schema. */
type ReadPart = <T>(key: string, schema: z.ZodMiniType<T>) => T;

/** The kinds of model that a file can hold, by the `kind` of their configuration. */
const modelKinds = {
  seq2seq(part) {
    const config = part("config", Seq2SeqConfig);
    const json = part("tokenizer", z.discriminatedUnion("type", [TextCodecJSON, FramePairsJSON]));
    const tokenizer = json.type === "frames" ? FramePairs.fromJSON(json) : textCodecFromJSON(json);
    const { sourceVocabSize, frameSize } = sourceFields(tokenizer.source);
    return {
      ...{ config, tokenizer },
      agrees:
        config.sourceVocabSize === sourceVocabSize &&
        config.frameSize === frameSize &&
        config.targetVocabSize === tokenizer.target.size,
      make: (backend) => ({ model: new Seq2Seq(backend, config), tokenizer }),
    };
  },

  captioner(part) {
    const config = part("config", CaptionerConfig);
    const tokenizer = CaptionPairs.fromJSON(part("tokenizer", CaptionPairsJSON));
    const { height, width, channels } = tokenizer.source.picture;
    return {
      ...{ config, tokenizer },
      agrees:
        [height, width, channels].join() === [config.height, config.width, config.channels].join() &&
        config.targetVocabSize === tokenizer.target.size,
      make: (backend) => ({ model: new Captioner(backend, config), tokenizer }),
    };
  },

  "language-model"(part) {
    const config = part("config", LanguageModelConfig);
    const tokenizer = tokenizerFromJSON(part("tokenizer", TokenizerJSON));
    return {
      ...{ config, tokenizer },
      agrees: config.vocabSize === tokenizer.size,
      make: (backend) => ({ model: new LanguageModel(backend, config), tokenizer }),
    };
  },
} as const satisfies Record<string, (part: ReadPart) => Described>;

/** The `kind` alone, to choose by. */
const KindOnly = z.looseObject({ kind: z.enum(keysOf(modelKinds)) });

/** A model with everything that its users need. */
export type SavedModel = ModelParts & { readonly training?: TrainingRecord | undefined };
/** An encoder–decoder, whatever its sources are. */
export type SavedAnswering = AnsweringParts & Pick<SavedModel, "training">;
export type SavedSeq2Seq = TextParts & Pick<SavedModel, "training">;
export type SavedLanguageModel = Extract<ModelParts, { model: LanguageModel }> & Pick<SavedModel, "training">;

/** A model file with the description of its model. */
export interface DescribedModel extends ModelFile, Described {}

/** Reads a model file's description and arrays. @throws DataError if it is damaged, of another format, or newer */
export function readModel(name: string, bytes: Uint8Array): DescribedModel {
  const file = readModelFile(name, bytes);
  const part: ReadPart = (key, schema) => readPart(file, key, schema);
  const { kind } = part("config", KindOnly);
  return { ...file, ...modelKinds[kind](part) };
}

/**
 * Makes the model that a file describes. The arrays are checked against the configuration first: a model is no larger
 * than its file.
 * @throws DataError if arrays are missing or of another shape
 */
export function restoreModel(backend: Backend, file: DescribedModel): SavedModel {
  if (!file.agrees)
    throw new DataError(`${file.name}: expected vocabularies of the tokenizer's sizes.`, "the file is damaged");
  for (const { name, value } of makeParts(openMeta(), file).model.params) arrayOf(file, name, value.shape);
  const parts = makeParts(backend, file);
  loadArrays(file, parts.model.params);
  return { ...parts, training: file.training };
}

/** Errors about options become errors about the file, which holds them. */
function makeParts(backend: Backend, file: DescribedModel): ModelParts {
  try {
    return file.make(backend);
  } catch (error) {
    if (!(error instanceof OptionError || error instanceof ShapeError)) throw error;
    throw new DataError(`${file.name}: ${error.message}`, "the file is damaged");
  }
}

/** @throws DataError if a file holds a language model */
export function expectAnswering(name: string, saved: SavedModel): SavedAnswering {
  const answers = (one: SavedModel): one is SavedAnswering => one.model instanceof EncoderDecoder;
  if (answers(saved)) return saved;
  throw new DataError(
    `${name}: expected a model that answers, got a language model.`,
    "seqloom generate writes with it",
  );
}

/** @throws DataError if a file holds another kind of model, or one that does not read texts */
export function expectSeq2Seq(name: string, saved: SavedModel): SavedSeq2Seq {
  const { model, tokenizer, training } = saved;
  if (model instanceof Seq2Seq && isTextCodec(tokenizer)) return { model, tokenizer, training };
  if (model instanceof EncoderDecoder)
    throw new DataError(`${name}: expected a model of texts, got one that reads files.`, "seqloom predict asks it");
  throw new DataError(`${name}: expected a seq2seq model, got a language model.`, "seqloom generate writes with it");
}

/** @throws DataError if a file holds another kind of model */
export function expectLanguageModel(name: string, saved: SavedModel): SavedLanguageModel {
  const { model, tokenizer, training } = saved;
  if (model instanceof LanguageModel && !("target" in tokenizer)) return { model, tokenizer, training };
  const got = model instanceof Captioner ? "a captioner" : "a seq2seq model";
  throw new DataError(`${name}: expected a language model, got ${got}.`, "seqloom predict asks it");
}
