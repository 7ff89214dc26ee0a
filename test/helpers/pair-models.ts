import type { Backend } from "../../src/engine/backend/backend.js";
import type { Random } from "../../src/engine/random.js";
import type { Ints } from "../../src/engine/tensor.js";
import type { DecoderTraining } from "../../src/models/encoder-decoder.js";
import { Seq2Seq, type Seq2SeqConfig } from "../../src/models/seq2seq.js";
import type { PairBatch } from "../../src/models/sources.js";
import { Desk } from "./desk.js";
import { fill } from "./differences.js";
import { intsOf, lengthsOf } from "./fixtures.js";

const attention = { decoder: "attention" } as const;
const both = { bidirectional: true, layers: 2, initCell: true } as const;

/** What a model of pairs can be, so that each of its parts occurs and stands beside others. */
export const pairKinds = [
  ["dot", attention],
  [
    "general, combined, two layers both ways",
    { ...attention, ...both, attentionScore: "general", attentionalHidden: true },
  ],
  ["additive, reversed, of GRUs", { ...attention, attentionScore: "additive", reverse: true, cell: "gru" }],
  [
    "input feeding, two layers both ways",
    { ...attention, ...both, attentionScore: "general", attentionalHidden: true, inputFeeding: true },
  ],
  [
    "input feeding, additive, all tied, of GRUs",
    {
      ...attention,
      attentionScore: "additive",
      attentionalHidden: true,
      inputFeeding: true,
      tieWeights: "all",
      cell: "gru",
    },
  ],
  ["peeky, two layers, reversed", { decoder: "peeky", layers: 2, reverse: true, initCell: true }],
  ["plain, both ways, of RNNs", { bidirectional: true, cell: "rnn" }],
] as const satisfies readonly (readonly [name: string, Partial<Seq2SeqConfig>])[];

const SOURCE = 7;
const TARGET = 9;

/** The configuration of a small model: vocabularies of 7 and 9, or of 9 both where all is tied. */
export function pairConfig(given: Partial<Seq2SeqConfig> = {}): Seq2SeqConfig {
  const sizes = {
    sourceVocabSize: given.tieWeights === "all" ? TARGET : SOURCE,
    targetVocabSize: TARGET,
    embeddingSize: 6,
    hiddenSize: 8,
  };
  return { kind: "seq2seq", decoder: "plain", reverse: false, initCell: false, ...sizes, ...given };
}

/** A small model with weights of multiples of 1/256 between ±scale. */
export function makePairModel(
  backend: Backend,
  given: Partial<Seq2SeqConfig> = {},
  { scale = 1, ...training }: DecoderTraining & { scale?: number } = {},
): Seq2Seq {
  const model = new Seq2Seq(backend, pairConfig(given), training);
  const desk = new Desk(backend, 6);
  for (const { value } of model.params) fill(desk, value, scale);
  return model;
}

/** Pairs of id sequences. */
export interface IdPairs {
  readonly sources: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
}

/** Ids for a small model, in rows of these lengths. */
export function drawPairs(random: Random, sources: readonly number[], targets: readonly number[]): IdPairs {
  const draw = (length: number, V: number): number[] => Array.from({ length }, () => random.below(V));
  return { sources: sources.map((S) => draw(S, SOURCE)), targets: targets.map((W) => draw(W, TARGET)) };
}

/** Pair n alone. */
export function onlyPair({ sources, targets }: IdPairs, n: number): IdPairs {
  return { sources: sources.slice(n, n + 1), targets: targets.slice(n, n + 1) };
}

/**
 * A batch of pairs. Rows that differ in length, and those with `more` columns than the longest needs, have lengths.
 * @param more columns of padding, and the id that stands in them
 */
export function batchOf(
  backend: Backend,
  { sources, targets }: IdPairs,
  more: { source?: number; target?: number; id?: number } = {},
): PairBatch {
  const [source, sourceLengths] = pack(backend, sources, more.source, more.id);
  const [target, targetLengths] = pack(backend, targets, more.target, more.id);
  return { source, target, sourceLengths, targetLengths };
}

function pack(backend: Backend, rows: IdPairs["sources"], more = 0, id = 0): [Ints, Ints | undefined] {
  const lengths = rows.map(({ length }) => length);
  const width = Math.max(...lengths) + more;
  const data = rows.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(id)]);
  const isRagged = lengths.some((length) => length < width);
  return [intsOf(backend, { shape: [rows.length, width], data }), isRagged ? lengthsOf(backend, lengths) : undefined];
}
