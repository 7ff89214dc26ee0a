import { SequenceWriter } from "../../models/sequences.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { EosPairs } from "./marked-pairs.js";
import type { TextPair } from "./pair-formats.js";
import type { PairPart } from "./pair-split.js";
import type { PairData, PairSet } from "./pairs.js";

/** Pairs of texts in three parts, each of which can be gone through again and again. */
export interface TextPairs {
  readonly name: string;
  /** Whether a source has several lines, like a program. @default false */
  readonly hasLines?: boolean;
  pairs(part: PairPart): Iterable<TextPair>;
}

/** The tokenizers of both sides; one for both where they share a vocabulary. */
export interface Tokenizers {
  readonly source: Tokenizer;
  readonly target: Tokenizer;
}

/**
 * Turns pairs of texts into ids.
 * @param longest training pairs of which a side has more tokens are left out
 * @returns the data, and how many were left out
 */
export function makeTextPairData(
  texts: TextPairs,
  { source, target }: Tokenizers,
  longest: number,
): { data: PairData; tooLong: number } {
  const draft = new EosPairs(source, target, { source: 1, target: 1 });
  const train = encodeTextPairs(draft, texts.pairs("train"), { longest });
  const valid = encodeTextPairs(draft, texts.pairs("valid"), { keepTexts: true }).set;
  const sides = [train.set.sources, train.set.targets].map((side) => {
    let most = 1;
    for (let r = 0; r < side.count; r++) most = Math.max(most, side.length(r));
    return most;
  });
  const tokenizer = new EosPairs(
    source,
    target,
    { source: sides[0] ?? 1, target: (sides[1] ?? 2) - 1 },
    texts.hasLines,
  );
  const parts = { train: train.set, test: encodeTextPairs(draft, texts.pairs("test"), { keepTexts: true }).set };
  const data = { name: texts.name, tokenizer, ...parts, ...(valid.count > 0 && { valid }) };
  return { data, tooLong: train.tooLong };
}

/**
 * Encodes pairs of texts as a model reads them.
 * @param longest pairs of which a side has more tokens are left out
 * @param keepTexts whether the set has the pairs as texts too
 */
export function encodeTextPairs(
  tokenizer: Pick<EosPairs, "encodeSource" | "encodeTarget">,
  pairs: Iterable<TextPair>,
  { longest = Number.POSITIVE_INFINITY, keepTexts = false } = {},
): { set: PairSet; tooLong: number } {
  const [sources, targets] = [new SequenceWriter(), new SequenceWriter()];
  const texts: TextPair[] = [];
  let [count, tooLong] = [0, 0];
  for (const pair of pairs) {
    const [source, target] = [tokenizer.encodeSource(pair.source), tokenizer.encodeTarget(pair.target)];
    if (source.length > longest || target.length > longest) {
      tooLong++;
      continue;
    }
    sources.add(source);
    targets.add(target);
    if (keepTexts) texts.push(pair);
    count++;
  }
  const set = { count, sources: sources.finish(), targets: targets.finish(), ...(keepTexts && { texts }) };
  return { set, tooLong };
}
