import * as z from "zod/mini";
import { nearest, OptionError } from "../../engine/errors.js";
import { Characters, CharactersJSON } from "../../text/characters.js";
import {
  EosSource,
  EosTarget,
  FixedSource,
  FixedTarget,
  LongestJSON,
  type PairCodec,
  type TextSource,
} from "../../text/codec.js";
import {
  type Tokenizer,
  TokenizerJSON,
  tokenizerFromJSON,
  tokenizerKinds,
  trainTokenizer,
} from "../../text/tokenizer.js";
import type { PairSettings } from "./pair-options.js";

/** `FixedPairs` in the model file. Widths are in tokens; the target's includes the start token. */
export const FixedPairsJSON = z
  .object({
    type: z.optional(z.undefined()), // only EosPairs, whose files are younger, have one
    source: CharactersJSON,
    target: CharactersJSON,
    sourceWidth: z.int().check(z.minimum(1), z.maximum(10_000)),
    targetWidth: z.int().check(z.minimum(2), z.maximum(10_000)),
    start: z.string(),
  })
  .check(z.refine(({ target, start }) => target.characters.includes(start), { path: ["start"] }));
export type FixedPairsJSON = z.infer<typeof FixedPairsJSON>;

/** `EosPairs` in the model file; the target is null if both sides share one vocabulary. */
export const EosPairsJSON = z.object({
  type: z.literal("eos"),
  source: TokenizerJSON,
  target: z.nullable(TokenizerJSON),
  longest: LongestJSON,
  hasLines: z.optional(z.literal(true)),
});
export type EosPairsJSON = z.infer<typeof EosPairsJSON>;

/** Pairs of texts in the model file. */
export const TextCodecJSON = z.discriminatedUnion("type", [EosPairsJSON, FixedPairsJSON]);
export type TextCodecJSON = z.infer<typeof TextCodecJSON>;

/** The codecs of pairs of texts. */
export interface TextCodec extends PairCodec<TextSource> {
  toJSON(): TextCodecJSON;
}

/** Pairs of texts in the fixed-width form of the book. A target begins with the start character. */
export class FixedPairs implements TextCodec {
  readonly source: FixedSource;
  readonly target: FixedTarget;

  /** @param targetWidth in characters, the start character included */
  constructor(source: Characters, target: Characters, sourceWidth: number, targetWidth: number, start: string) {
    this.source = new FixedSource(source, sourceWidth);
    this.target = new FixedTarget(target, targetWidth, start);
  }

  static fromJSON({ source, target, sourceWidth, targetWidth, start }: FixedPairsJSON): FixedPairs {
    const [from, to] = [Characters.fromJSON(source), Characters.fromJSON(target)];
    return new FixedPairs(from, to, sourceWidth, targetWidth, start);
  }

  toJSON(): FixedPairsJSON {
    const { source, target } = this;
    const sides = { source: source.tokenizer.toJSON(), target: target.tokenizer.toJSON() };
    return { ...sides, sourceWidth: source.width, targetWidth: target.width, start: target.startCharacter };
  }
}

/** Pairs of texts of any length. Both sides end in an end-of-sequence token, and may share one vocabulary. */
export class EosPairs implements TextCodec {
  readonly source: EosSource;
  readonly target: EosTarget;

  /**
   * @param longest in tokens, the end-of-sequence token included
   * @param hasLines whether a source has several lines, like a program; white space at its end is then left out
   */
  constructor(
    source: Tokenizer,
    target: Tokenizer,
    longest: { readonly source: number; readonly target: number },
    hasLines = false,
  ) {
    this.source = new EosSource(source, longest.source, hasLines);
    this.target = new EosTarget(target, longest.target);
  }

  static fromJSON(json: EosPairsJSON): EosPairs {
    const source = tokenizerFromJSON(json.source);
    return new EosPairs(source, json.target ? tokenizerFromJSON(json.target) : source, json.longest, json.hasLines);
  }

  toJSON(): EosPairsJSON {
    const { source, target } = this;
    const isShared = source.tokenizer === target.tokenizer;
    return {
      type: "eos",
      ...{ source: source.tokenizer.toJSON(), target: isShared ? null : target.tokenizer.toJSON() },
      longest: { source: source.longest, target: target.longest },
      ...(source.hasLines && { hasLines: true }),
    };
  }
}

/** True for a codec whose sources are texts. */
export function isTextCodec(codec: object): codec is TextCodec {
  return codec instanceof FixedPairs || codec instanceof EosPairs;
}

/** The codecs of a model file. */
export function textCodecFromJSON(json: TextCodecJSON): TextCodec {
  return json.type === "eos" ? EosPairs.fromJSON(json) : FixedPairs.fromJSON(json);
}

/** The tokenizers of both sides; the same one if they share a vocabulary. */
export interface Tokenizers {
  readonly source: Tokenizer;
  readonly target: Tokenizer;
}

type Side = "source" | "target";
type TargetSettings = Pick<PairSettings, "tokenizer" | "targetTokenizer" | "vocabSize" | "lowercase" | "punctuation">;
type ReadFile = (path: string) => Tokenizer;

/**
 * Tokenizers for both sides, made from the training set; one for both where they share it.
 * @param pairs those of the training set, gone through once for each tokenizer
 * @param readFile reads a tokenizer.json, where there are files
 * @throws OptionError for a kind of tokens that there is not
 */
export function trainTokenizers(
  settings: PairSettings,
  pairs: () => Iterable<Readonly<Record<Side, string>>>,
  readFile?: ReadFile,
): Tokenizers {
  const { tokenizer, targetTokenizer = tokenizer, shareVocab } = settings;
  const make = (name: string, sides: readonly Side[]): Tokenizer =>
    makeTokenizer(name, textsOf(pairs(), sides), settings, readFile);
  if (shareVocab && tokenizer === targetTokenizer) {
    const both = make(tokenizer, ["source", "target"]);
    return { source: both, target: both };
  }
  return { source: make(tokenizer, ["source"]), target: make(targetTokenizer, ["target"]) };
}

/** A tokenizer for targets whose sources are no texts, as `trainTokenizers` makes it. */
export function trainTargets(settings: TargetSettings, texts: Iterable<string>, readFile?: ReadFile): Tokenizer {
  return makeTokenizer(settings.targetTokenizer ?? settings.tokenizer, texts, settings, readFile);
}

function makeTokenizer(
  name: string,
  texts: Iterable<string>,
  { vocabSize: size, lowercase, punctuation }: TargetSettings,
  readFile: ReadFile | undefined,
): Tokenizer {
  if (readFile && name.endsWith(".json")) return readFile(name);
  const kind = tokenizerKinds.find((known) => known === name);
  if (kind) return trainTokenizer(kind, texts, { size, lowercase, punctuation });
  const expected = [...tokenizerKinds, ...(readFile ? ["or a tokenizer.json"] : [])].join(", ");
  const near = nearest(name, tokenizerKinds);
  throw new OptionError(`tokenizer: expected one of ${expected}, got "${name}".`, near && `did you mean ${near}?`);
}

function* textsOf(pairs: Iterable<Readonly<Record<Side, string>>>, sides: readonly Side[]): Generator<string, void> {
  for (const pair of pairs) for (const side of sides) yield pair[side];
}
