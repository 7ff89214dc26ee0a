import * as z from "zod/mini";
import type { Backend } from "../backend/backend.js";
import { cells } from "../layers/cells.js";
import { LanguageModel, LanguageModelConfig } from "../models/language-model.js";
import { Seq2Seq, Seq2SeqConfig } from "../models/seq2seq.js";
import { PairTokenizer, PairTokenizerJSON } from "../text/pair-tokenizer.js";
import { type Tokenizer, TokenizerJSON, tokenizerFromJSON } from "../text/tokenizer.js";

/** A model with what turns text into its ids. */
export type ModelParts =
  | { readonly model: Seq2Seq; readonly tokenizer: PairTokenizer }
  | { readonly model: LanguageModel; readonly tokenizer: Tokenizer };

/** What a file says of its model before any weight is used. */
export interface Described {
  readonly config: Seq2SeqConfig | LanguageModelConfig;
  readonly tokenizer: PairTokenizer | Tokenizer;
  /** Whether the vocabularies of configuration and tokenizer are of the same sizes. */
  readonly agrees: boolean;
  /** The shapes that the configuration claims, of every array whose size it decides. */
  readonly shapes: readonly (readonly [tensor: string, shape: readonly number[]])[];
  make(backend: Backend): ModelParts;
}

/** Reads a part of the metadata by its schema. */
export type ReadPart = <T>(key: string, schema: z.ZodMiniType<T>) => T;

/** The kinds of model that a file can hold, by the `kind` of their configuration. */
export const modelKinds = {
  seq2seq(part) {
    const config = part("config", Seq2SeqConfig);
    const tokenizer = PairTokenizer.fromJSON(part("tokenizer", PairTokenizerJSON));
    const { cell, sourceVocabulary, targetVocabulary, embedding: D, hidden: H } = config;
    const C = config.decoder === "peeky" ? H : 0;
    const G = cells[cell].gates * H;
    return {
      ...{ config, tokenizer },
      agrees: sourceVocabulary === tokenizer.source.size && targetVocabulary === tokenizer.target.size,
      shapes: [
        ["encoder.embedding.weight", [sourceVocabulary, D]],
        [`encoder.${cell}.weight_ih_l0`, [G, D]],
        [`encoder.${cell}.weight_hh_l0`, [G, H]],
        ["decoder.embedding.weight", [targetVocabulary, D]],
        [`decoder.${cell}.weight_ih_l0`, [G, C + D]],
        ["decoder.linear.weight", [targetVocabulary, C + H]],
      ],
      make: (backend) => ({ model: new Seq2Seq(backend, config), tokenizer }),
    };
  },

  "language-model"(part) {
    const config = part("config", LanguageModelConfig);
    const tokenizer = tokenizerFromJSON(part("tokenizer", TokenizerJSON));
    const { cell, layers, vocabulary: V, embedding: D, hidden: H, tied } = config;
    const G = cells[cell].gates * H;
    const layerShapes = Array.from({ length: layers }, (_, layer) => [
      [`${cell}.weight_ih_l${layer}`, [G, layer === 0 ? D : H]] as const,
      [`${cell}.weight_hh_l${layer}`, [G, H]] as const,
    ]);
    return {
      ...{ config, tokenizer },
      agrees: V === tokenizer.size,
      shapes: [
        ["embedding.weight", [V, D]],
        ...layerShapes.flat(),
        ...(tied ? [] : [["linear.weight", [V, H]] as const]),
        ["linear.bias", [V]],
      ],
      make: (backend) => ({ model: new LanguageModel(backend, config), tokenizer }),
    };
  },
} as const satisfies Record<string, (part: ReadPart) => Described>;

/** The `kind` alone, to choose by. */
export const KindOnly = z.looseObject({ kind: z.enum(["seq2seq", "language-model"]) });
