import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { Captioner } from "../models/captioner.js";
import { CaptionerConfig } from "../models/captioner-config.js";
import { LanguageModel, LanguageModelConfig } from "../models/language-model.js";
import { Seq2Seq, Seq2SeqConfig, sourceFields } from "../models/seq2seq.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../text/tokenizer.js";
import { CaptionPairs, CaptionPairsJSON } from "./captions/caption-codec.js";
import { type TextCodec, TextCodecJSON, textCodecFromJSON } from "./pairs/text-codec.js";
import { FramePairs, FramePairsJSON } from "./sounds/frame-codec.js";

/** A model that answers texts, with what turns them and the answers into its ids. */
export type TextParts = { readonly model: Seq2Seq; readonly tokenizer: TextCodec };

/** What turns a seq2seq's questions, texts or frames, and its answers into numbers. */
export type Seq2SeqTokenizer = TextCodec | FramePairs;

/** A model that answers, with what turns questions and answers into its numbers. */
export type AnsweringParts =
  | { readonly model: Seq2Seq; readonly tokenizer: Seq2SeqTokenizer }
  | { readonly model: Captioner; readonly tokenizer: CaptionPairs };

/** A model with what turns text into its ids. */
export type ModelParts = AnsweringParts | { readonly model: LanguageModel; readonly tokenizer: Tokenizer };

/** What a file says of its model before any weight is used. */
export interface Described {
  readonly config: z.infer<typeof Seq2SeqConfig> | CaptionerConfig | z.infer<typeof LanguageModelConfig>;
  readonly tokenizer: ModelParts["tokenizer"];
  /** Whether the vocabularies of configuration and tokenizer are of the same sizes. */
  readonly agrees: boolean;
  make(backend: Backend): ModelParts;
}

/** Reads a part of the metadata by its schema. */
export type ReadPart = <T>(key: string, schema: z.ZodMiniType<T>) => T;

/** The kinds of model that a file can hold, by the `kind` of their configuration. */
export const modelKinds = {
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
export const KindOnly = z.looseObject({ kind: z.enum(["seq2seq", "captioner", "language-model"]) });
