import { nearest, OptionError } from "../../engine/errors.js";
import { type Tokenizer, tokenizerKinds, trainTokenizer } from "../../text/tokenizer.js";
import type { PairSettings } from "./pair-options.js";
import type { Pair, Tokenizers } from "./pairs.js";

type Side = "source" | "target";
type TargetSettings = Pick<PairSettings, "tokenizer" | "targetTokenizer" | "vocabSize" | "lowercase" | "punctuation">;
type ReadFile = (path: string) => Tokenizer;

/**
 * Tokenizers for both sides, made from the training set; one for both where they share it.
 * @param pairs those of the training set, gone through once for each tokenizer
 * @param readFile reads a tokenizer.json, where there are files
 * @throws OptionError for a kind of tokens that there is not
 */
export function trainTokenizers(settings: PairSettings, pairs: () => Iterable<Pair>, readFile?: ReadFile): Tokenizers {
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
  throw new OptionError(`--tokenizer: expected one of ${expected}, got "${name}".`, near && `did you mean ${near}?`);
}

function* textsOf(pairs: Iterable<Pair>, sides: readonly Side[]): Generator<string, void> {
  for (const pair of pairs) for (const side of sides) yield pair[side];
}
