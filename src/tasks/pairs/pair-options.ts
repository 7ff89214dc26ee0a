import * as z from "zod/mini";
import { checkOptions, describeOption, keysOf } from "../../engine/check-options.js";
import { Seed } from "../training-options.js";
import { bookPresets, PairChoices, pairPresets, textOptions } from "./pair-presets.js";

/** True if options or their preset set the tokenization: a file of fixed width is then read as free text. */
export function cutsTexts(options: PairOptions): boolean {
  const isGiven = textOptions.some((name) => options[name] !== undefined);
  return isGiven || (options.preset !== undefined && !bookPresets.has(options.preset));
}

/** Options of a seq2seq training run. Command-line flags, their help and the form in the studio are made from it. */
export const PairOptions = z.object({
  preset: z.optional(
    z
      .enum(keysOf(pairPresets))
      .check(
        describeOption(
          "model",
          "Start from a preset",
          "plain for files of fixed width, otherwise text, fitted to the data",
        ),
      ),
  ),
  ...z.partial(PairChoices).shape,
  seed: z._default(Seed, 1),
});
export type PairOptions = z.infer<typeof PairOptions>;
/** The tokenization options. */
export type TextOptions = Pick<PairOptions, (typeof textOptions)[number]>;

/** A preset with its changes. */
export type PairSettings = PairChoices & { readonly preset: string; readonly seed: number };

/**
 * Fills in missing options. @throws OptionError for what is out of its range
 * @param fallback the preset where none was named, and what the data suggest instead of its values
 */
export function pairSettings(
  options: PairOptions,
  fallback: { readonly preset: keyof typeof pairPresets; readonly changes?: Partial<PairChoices> } = {
    preset: "plain",
  },
): PairSettings {
  checkOptions("pairSettings", PairOptions, options);
  const changes = options.preset === undefined ? { ...fallback.changes } : {};
  const preset = options.preset ?? fallback.preset;
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (given["tokenizer"] !== undefined) {
    delete changes.targetTokenizer; // as `tokenizer`, unless it is given too
    delete changes.vocabSize; // suggested for other tokens
  }
  const chosen = checkOptions("pairSettings", PairChoices, { ...pairPresets[preset], ...changes, ...given });
  return { ...override(chosen, new Set(Object.keys(given))), preset, seed: options.seed };
}

/** Changes to values of a preset that contradict given options. Given options are never changed. */
const overrides: readonly [when: (settings: PairChoices) => boolean, change: Partial<PairChoices>][] = [
  [({ cell }) => cell !== "lstm", { initCell: false }],
  [({ decoder }) => decoder !== "attention", { attentionalHidden: false, inputFeeding: false, tieWeights: "none" }],
  [({ inputFeeding }) => inputFeeding, { attentionalHidden: true }],
  [({ reverse, bidirectional }) => reverse && bidirectional, { bidirectional: false }],
  [({ reverse, bidirectional }) => reverse && bidirectional, { reverse: false }],
  [({ hiddenSize, bidirectional }) => bidirectional && hiddenSize % 2 === 1, { bidirectional: false }],
  [({ layers, pyramidLayers = 0 }) => pyramidLayers >= layers, { pyramidLayers: 0 }],
  [({ attentionalHidden }) => !attentionalHidden, { inputFeeding: false, tieWeights: "none" }],
  [({ tokenizer, targetTokenizer = tokenizer }) => tokenizer !== targetTokenizer, { shareVocab: false }],
  [({ shareVocab, tieWeights }) => !shareVocab && tieWeights === "all", { tieWeights: "none" }],
];

function override(settings: PairChoices, given: ReadonlySet<string>): PairChoices {
  let chosen = settings;
  for (const [when, change] of overrides) {
    const free = Object.fromEntries(Object.entries(change).filter(([option]) => !given.has(option)));
    if (when(chosen)) chosen = { ...chosen, ...free };
  }
  return chosen;
}
