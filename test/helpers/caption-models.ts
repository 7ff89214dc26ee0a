import type * as z from "zod/mini";
import type { Backend } from "../../src/engine/backend/backend.js";
import type { Random } from "../../src/engine/random.js";
import { Captioner } from "../../src/models/captioner.js";
import type { CaptionerConfig } from "../../src/models/captioner-config.js";
import type { DecoderTraining } from "../../src/models/encoder-decoder.js";
import type { PairBatch } from "../../src/models/sources.js";
import { Desk } from "./desk.js";
import { fill } from "./differences.js";
import { intsOf, lengthsOf, tensorOf } from "./fixtures.js";

type Given = Partial<z.input<typeof CaptionerConfig>>;

const attention = { decoder: "attention" } as const;

/** What a captioner can be, so that each of its parts occurs and stands beside others. */
export const captionerKinds = [
  ["plain", {}],
  ["plain, a first step, of two layers", { first: "step", layers: 2 }],
  ["peeky, of GRUs of two layers", { decoder: "peeky", cell: "gru", layers: 2 }],
  ["peeky, a first step", { decoder: "peeky", first: "step" }],
  ["dot", attention],
  [
    "general, combined, a first step, of two layers",
    { ...attention, attentionScore: "general", attentionalHidden: true, layers: 2 },
  ],
  [
    "additive, input feeding, tied",
    { ...attention, attentionScore: "additive", attentionalHidden: true, inputFeeding: true, tieWeights: "output" },
  ],
  [
    "input feeding, a first step, of RNNs",
    { ...attention, attentionalHidden: true, inputFeeding: true, first: "step", cell: "rnn" },
  ],
] as const satisfies readonly (readonly [name: string, Given])[];

const VOCABULARY = 9;

/** A small model for pictures of 4 × 6 with 2 channels. */
export function captionerConfig(given: Given = {}): z.input<typeof CaptionerConfig> {
  const picture = { height: 4, width: 6, channels: 2, blocks: [3] };
  const sizes = { targetVocabSize: VOCABULARY, embeddingSize: 5, hiddenSize: 7 };
  return { kind: "captioner", decoder: "plain", ...picture, ...sizes, ...given };
}

/** The same with weights of multiples of 1/256 between ±scale. */
export function makeCaptioner(
  backend: Backend,
  given: Given = {},
  { scale = 1, ...training }: DecoderTraining & { scale?: number } = {},
): Captioner {
  const model = new Captioner(backend, captionerConfig(given), training);
  const desk = new Desk(backend, 6);
  for (const { value } of model.params) fill(desk, value, scale);
  return model;
}

/** Pictures as numbers, each with its caption. */
export interface Captioned {
  readonly pictures: readonly (readonly number[])[];
  readonly targets: readonly (readonly number[])[];
}

/** Pictures of noise for a small model, with captions of these lengths. */
export function drawCaptioned(random: Random, lengths: readonly number[]): Captioned {
  return {
    pictures: lengths.map(() => Array.from({ length: 4 * 6 * 2 }, () => Math.round(512 * random.uniform()) / 256 - 1)),
    targets: lengths.map((length) => Array.from({ length }, () => random.below(VOCABULARY))),
  };
}

/** @param more columns of padding, and the id that stands in them */
export function captionBatch(
  backend: Backend,
  { pictures, targets }: Captioned,
  { more = 0, id = 0, shape = [4, 6, 2] }: { more?: number; id?: number; shape?: readonly number[] } = {},
): PairBatch {
  const width = Math.max(...targets.map(({ length }) => length)) + more;
  const data = targets.flatMap((row) => [...row, ...new Array<number>(width - row.length).fill(id)]);
  return {
    source: tensorOf(backend, { shape: [pictures.length, ...shape], data: pictures.flat() }),
    target: intsOf(backend, { shape: [targets.length, width], data }),
    targetLengths: lengthsOf(
      backend,
      targets.map(({ length }) => length),
    ),
  };
}
