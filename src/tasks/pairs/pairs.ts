import { philox, type Random } from "../../engine/random.js";
import { type EncodedPairs, type Sequences, SequenceWriter, type Sources } from "../../models/sources.js";
import type { PairCodec } from "../../text/codec.js";
import { EosPairs, type TextCodec, type Tokenizers } from "./text-codec.js";

/** A source text, or the name of its file, and the target text that a model learns to answer with. */
export interface Pair {
  readonly source: string;
  readonly target: string;
}

/** The training, validation and test set. */
export type SplitName = "train" | "valid" | "test";
export const splitNames = ["train", "valid", "test"] as const;

/** Decides whether an answer to a source is correct. */
export type Judge = (source: string, answer: string) => boolean;

/** Encoded pairs of a training, validation or test set. */
export interface PairSet<Source extends Sources = Sequences> extends EncodedPairs<Source> {
  /**
   * The pairs as text, if they are kept: ids do not tell unknown tokens apart, or what was lowercased. A source that is
   * not a text is the name of its file.
   */
  readonly texts?: readonly Pair[] | undefined;
  /** Accepts correct answers that are not among the references. */
  readonly judge?: Judge | undefined;
  /** Groups of pairs with a score of their own. */
  readonly grid?: PairGrid | undefined;
}

/** A table of groups of pairs, with the titles of its rows and columns. */
export interface PairGrid {
  readonly row: string;
  readonly column: string;
  /** The labels of each pair's group. */
  readonly cells: readonly { readonly row: string; readonly column: string }[];
}

/** Steps of an epoch of endless pairs. */
export const STREAM_EPOCH = 500;

/** Endless encoded pairs. */
export interface PairStream {
  /** Identifies the pairs: a run resumes only with the same ones. */
  readonly id: string;
  /** @param done share of the training that is done, from 0 to 1 */
  draw(done: number, random: Random): { source: number[]; target: number[] };
}

/** Encoded training, validation and test sets, with their codecs. */
export interface PairData<Source extends Sources = Sequences, Codec extends PairCodec = TextCodec> {
  readonly name: string;
  readonly tokenizer: Codec;
  readonly train: PairSet<Source>;
  /** Endless training pairs; `train` is then a sample of them. */
  readonly stream?: PairStream | undefined;
  /** Chooses the best model; undefined if the data have no validation set. */
  readonly valid?: PairSet<Source> | undefined;
  readonly test: PairSet<Source>;
}

/** Pairs of texts in three sets. They are read again each time they are iterated over. */
export interface TextPairs {
  readonly name: string;
  /** True if a source has several lines, like a program. @default false */
  readonly hasLines?: boolean;
  /** All pairs, each with the set that it belongs to. */
  splits(): Iterable<readonly [SplitName, Pair]>;
}

/** Options of `encodePairs`. */
export interface EncodeOptions {
  /** Pairs with more tokens on a side are left out. @default Infinity */
  readonly longest?: number;
  /** True to keep the pairs as text too. @default false */
  readonly keepTexts?: boolean;
}

/** Encodes pairs of texts one by one: the one place where pairs become ids. */
export class PairEncoder {
  /** Pairs that were left out. */
  tooLong = 0;
  readonly #codec: { readonly source: Encoder; readonly target: Encoder };
  readonly #longest: number;
  readonly #sources = new SequenceWriter();
  readonly #targets = new SequenceWriter();
  readonly #texts: Pair[] | undefined;
  #count = 0;

  constructor(codec: { readonly source: Encoder; readonly target: Encoder }, options: EncodeOptions = {}) {
    const { longest = Number.POSITIVE_INFINITY, keepTexts = false } = options;
    this.#codec = codec;
    this.#longest = longest;
    this.#texts = keepTexts ? [] : undefined;
  }

  add(pair: Pair): void {
    const [source, target] = [this.#codec.source.encode(pair.source), this.#codec.target.encode(pair.target)];
    if (source.length > this.#longest || target.length > this.#longest) {
      this.tooLong++;
      return;
    }
    this.#sources.add(source);
    this.#targets.add(target);
    this.#texts?.push(pair);
    this.#count++;
  }

  finish(): PairSet {
    const sides = { sources: this.#sources.finish(), targets: this.#targets.finish() };
    return { count: this.#count, ...sides, ...(this.#texts && { texts: this.#texts }) };
  }
}

interface Encoder {
  encode(text: string): number[];
}

/** Encodes pairs of texts. @throws DataError for a text that the codec cannot encode */
export function encodePairs(
  codec: { readonly source: Encoder; readonly target: Encoder },
  pairs: Iterable<Pair>,
  options: EncodeOptions = {},
): PairSet {
  const encoder = new PairEncoder(codec, options);
  for (const pair of pairs) encoder.add(pair);
  return encoder.finish();
}

/**
 * Encodes the three sets of texts of any length, in one pass. The validation and test sets keep their texts.
 * @param longest training pairs with more tokens on a side are left out
 * @returns the data, and the number of training pairs that were left out
 */
export function encodeSplits(
  texts: TextPairs,
  { source, target }: Tokenizers,
  longest = Number.POSITIVE_INFINITY,
): { data: PairData; tooLong: number } {
  const draft = new EosPairs(source, target, { source: 1, target: 1 }, texts.hasLines); // the lengths are not known yet
  const encoders = {
    train: new PairEncoder(draft, { longest }),
    valid: new PairEncoder(draft, { keepTexts: true }),
    test: new PairEncoder(draft, { keepTexts: true }),
  };
  for (const [split, pair] of texts.splits()) encoders[split].add(pair);
  const [train, valid, test] = [encoders.train.finish(), encoders.valid.finish(), encoders.test.finish()];
  const lengths = { source: longestOf(train.sources), target: Math.max(1, longestOf(train.targets) - 1) };
  const tokenizer = new EosPairs(source, target, lengths, texts.hasLines);
  const data = { name: texts.name, tokenizer, train, ...(valid.count > 0 && { valid }), test };
  return { data, tooLong: encoders.train.tooLong };
}

/** Time steps of the longest row, at least 1. */
export function longestOf(rows: Sources): number {
  let longest = 1;
  for (let r = 0; r < rows.count; r++) longest = Math.max(longest, rows.length(r));
  return longest;
}

/** Decodes the pairs of a set, without the blanks that pad them. */
export function decodePairs({ source, target }: PairCodec, { count, sources, targets }: PairSet): Pair[] {
  return Array.from({ length: count }, (_, r) => ({
    source: source.decode(sources.row(r)),
    target: target.decode(targets.row(r)),
  }));
}

/** The shares of the pairs that are held out, from 0 to 1. */
export interface PairShares {
  readonly valid: number;
  readonly test: number;
}

/** Held out by default: a share, but at most about this many pairs. */
const usual = { valid: { share: 0.05, most: 2500 }, test: { share: 0.1, most: 5000 } };

/** The shares that are held out of `count` pairs by default. */
export function usualShares(count: number): PairShares {
  const share = (split: keyof typeof usual): number => Math.min(usual[split].share, usual[split].most / count);
  return { valid: share("valid"), test: share("test") };
}

/** The set that a source belongs to, wherever it occurs: equal sources are never in two sets. */
export function splitOf(source: string, shares: PairShares, seed: number): SplitName {
  return splitAt(hashSource(source, seed), shares);
}

/** The set that a hash belongs to: the lowest are for the test set, the next for the validation set. */
export function splitAt(hash: number, { valid, test }: PairShares): SplitName {
  const at = hash / 2 ** 32;
  return at < test ? "test" : at < test + valid ? "valid" : "train";
}

/** A number below 2³², all equally likely: Philox with the text's hash as its counter. */
export function hashSource(source: string, seed: number): number {
  const [a, b] = hashText(source);
  return philox([a, b, 0, 0], seed, STREAM)[0];
}

/** The same for a row, independent of its source. */
export function hashRow(row: number, seed: number): number {
  return philox([row, 0, 1, 0], seed, STREAM)[0];
}

const STREAM = 0x5b117;

/** 64 bits of a text's UTF-16 units: FNV-1a, and a variant with another factor and a shift in every step. */
export function hashText(text: string): [number, number] {
  let [a, b] = [0x811c9dc5, 0x9e3779b9];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x85ebca6b);
    b ^= b >>> 15;
  }
  return [a >>> 0, b >>> 0];
}

/**
 * Test pairs whose source also occurs in training, by their index, so that a score can leave them out.
 * Keeps the test sources in memory, not those of training.
 */
export function findOverlap(train: Iterable<string>, test: Iterable<string>): number[] {
  const indices = new Map<string, number[]>();
  let count = 0;
  for (const source of test) {
    const same = indices.get(source);
    if (same) same.push(count++);
    else indices.set(source, [count++]);
  }
  const found: number[] = [];
  for (const source of train) {
    for (const index of indices.get(source) ?? []) found.push(index);
    indices.delete(source);
  }
  return found.sort((a, b) => a - b);
}
