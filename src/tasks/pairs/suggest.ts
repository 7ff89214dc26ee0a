import type { PairChoices, pairPresets } from "./pair-options.js";
import type { Pair } from "./pairs.js";

/** Settings that suit the data. */
export interface Suggestion {
  /** The preset to start from. */
  readonly preset: keyof typeof pairPresets;
  readonly changes: Partial<PairChoices>;
  /** The chosen settings and the reasons for them, in words. */
  describe(settings: PairChoices): string;
}

/** Number of pairs to examine. */
const LOOKED_AT = 20_000;
/** Training steps to aim for. */
const STEPS = 6000;

/** More characters than any script has. */
const ALL = 200_000;
const why: Readonly<Record<string, string>> = { characters: "short", words: "few different ones", bpe: "long" };

interface Side {
  characters: number;
  words: number;
  readonly distinct: Set<string>;
  readonly letters: Set<string>;
}

/** Length of a training run in words. @param perEpoch steps of an epoch, for endless data */
export function describeLength({ epochs, maxSteps }: Pick<PairChoices, "epochs" | "maxSteps">, perEpoch = 0): string {
  const words = `${epochs} ${epochs === 1 ? "epoch" : "epochs"}${perEpoch > 0 ? ` of ${perEpoch} steps` : ""}`;
  if (maxSteps === undefined) return words;
  const most = `${maxSteps} ${maxSteps === 1 ? "step" : "steps"}`;
  return perEpoch > 0 && maxSteps < epochs * perEpoch ? most : `${words}, at most ${most}`;
}

/** Settings for pairs of texts: tokenizers by the length of the lines, sizes and epochs by their number. */
export function suggestSettings(pairs: Iterable<Pair>, count: number): Suggestion {
  const [source, target]: [Side, Side] = [
    { characters: 0, words: 0, distinct: new Set(), letters: new Set() },
    { characters: 0, words: 0, distinct: new Set(), letters: new Set() },
  ];
  let seen = 0;
  for (const pair of pairs) {
    if (seen++ === LOOKED_AT) break;
    look(source, pair.source);
    look(target, pair.target);
  }
  seen = Math.min(seen, LOOKED_AT);
  const tokenizer = tokensFor(source, seen);
  const targetTokenizer = tokensFor(target, seen);
  const shareVocab = tokenizer === "bpe" && targetTokenizer === "bpe";
  const words = source.distinct.size + target.distinct.size;
  const [parts, letters] = [
    Math.min(8000, Math.max(500, 100 * Math.round(words / 200))),
    Math.max(source.letters.size, target.letters.size),
  ];
  const hasParts = tokenizer === "bpe" || targetTokenizer === "bpe";
  const vocabSize = hasParts ? Math.max(parts, 2 * letters) : ALL;
  const size =
    count < 5000
      ? { hiddenSize: 128, embeddingSize: 64, batchSize: 32 }
      : count < 50_000
        ? { hiddenSize: 256, embeddingSize: 128, batchSize: 64 }
        : { hiddenSize: 256, embeddingSize: 128, batchSize: 128 };
  const epochs = Math.min(60, Math.max(6, Math.round((STEPS * size.batchSize) / Math.max(1, count))));
  const dropout = count < 50_000 ? 0.3 : 0.2;
  const shown = (kind: string, suggested: string, side: Side): string => {
    const reason = kind === suggested ? `${why[kind]}, ` : "";
    return `${kind} (${reason}${Math.round(side.characters / Math.max(1, seen))} characters in the mean)`;
  };
  const describe = (settings: PairChoices): string =>
    [
      `sources as ${shown(settings.tokenizer, tokenizer, source)}`,
      `targets as ${shown(settings.targetTokenizer ?? settings.tokenizer, targetTokenizer, target)}`,
      `H ${settings.hiddenSize}, D ${settings.embeddingSize}, ${describeLength(settings)} for ${count.toLocaleString("en")} pairs`,
    ].join("; ");
  const tieWeights = shareVocab ? "all" : "none";
  const cut = { tokenizer, targetTokenizer, vocabSize, shareVocab, tieWeights, punctuation: "keep" } as const;
  return { preset: "text", changes: { ...cut, ...size, epochs, dropout }, describe };
}

function look(side: Side, text: string): void {
  side.characters += text.length;
  for (const letter of text) side.letters.add(letter);
  for (const word of text.split(/\s+/u)) {
    side.words++;
    if (side.distinct.size < 100_000) side.distinct.add(word);
  }
}

/** Words for a small set of phonemes, tags or commands, several per line; characters for short lines; otherwise subwords. */
function tokensFor({ characters, words, distinct }: Side, lines: number): "words" | "characters" | "bpe" {
  if (words > 2 * lines && distinct.size <= 300 && words > 20 * distinct.size) return "words";
  return characters <= 24 * lines ? "characters" : "bpe";
}
