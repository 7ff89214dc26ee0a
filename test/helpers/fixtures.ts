import { readFileSync } from "node:fs";
import * as z from "zod/mini";
import type { Backend } from "../../src/engine/backend/backend.js";
import type { Ints, Param, Tensor } from "../../src/engine/tensor.js";
import { upgradeConfig } from "../../src/files/model-file.js";
import { CaptionerConfig } from "../../src/models/captioner-config.js";
import { Seq2SeqConfig } from "../../src/models/seq2seq.js";

/** What a script of test/fixtures recorded, computed in float64; inputs are exact in float32. */
const Recorded = z.object({ shape: z.array(z.int()), data: z.array(z.number()) });
export type Recorded = z.infer<typeof Recorded>;

const ByName = z.record(z.string(), Recorded);
const Maybe = z.nullable(Recorded);
const counts = { N: z.int(), T: z.int(), D: z.int(), H: z.int() };

const LSTMCase = z.object({
  ...{ name: z.string(), ...counts, reverse: z.boolean(), lengths: z.nullable(z.array(z.int())) },
  inputs: z.object({
    ...{ xs: Recorded, h0: Maybe, c0: Maybe, weightIh: Recorded, weightHh: Recorded, bias: Recorded },
    ...{ dhs: Recorded, dhn: Recorded, dcn: Recorded },
  }),
  outputs: z.object({ hs: Recorded, hn: Recorded, cn: Recorded }),
  gradients: z.object({
    ...{ xs: Recorded, h0: z.optional(Recorded), c0: z.optional(Recorded) },
    ...{ weightIh: Recorded, weightHh: Recorded, bias: Recorded },
  }),
});

/** A case of a layer without a cell state; arrays by their name, null where there is none. */
const RecurrentCase = z.object({
  ...{ name: z.string(), ...counts, reverse: z.boolean(), lengths: z.nullable(z.array(z.int())) },
  ...{ inputs: z.record(z.string(), Maybe), outputs: ByName, gradients: ByName },
});

const Seq2SeqCase = z.object({
  ...{ name: z.string(), ...counts, S: z.int(), V: z.int() },
  ...{ peeky: z.boolean(), passCell: z.boolean(), reverse: z.boolean() },
  ...{ source: Recorded, target: Recorded, params: ByName, loss: z.number(), gradients: ByName, logits: Recorded },
});

const Clip = z.object({
  ...{ name: z.string(), maxNorm: z.number(), norm: z.number() },
  ...{ grads: z.array(Recorded), clipped: z.array(Recorded) },
});
const Steps = z.object({ lr: z.number(), initial: Recorded, grads: z.array(Recorded), params: z.array(Recorded) });
const CrossEntropyCase = z.object({
  ...{ name: z.string(), logits: Recorded, targets: Recorded, mask: Maybe, loss: z.number(), dlogits: Recorded },
});
const Embedding = z.object({ ids: Recorded, weight: Recorded, dxs: Recorded, xs: Recorded, dweight: Recorded });

const Optim = z.object({
  clip: z.array(Clip),
  adam: z.extend(Steps, { betas: z.tuple([z.number(), z.number()]), eps: z.number() }),
  sgd: Steps,
  crossEntropy: z.array(CrossEntropyCase),
  embedding: Embedding,
});

const Window = z.object({
  ...{ tokens: Recorded, labels: Recorded, loss: z.number(), gradients: ByName },
  ...{ logits: Recorded, hn: Recorded, cn: Recorded },
});
const LanguageModelCase = z.object({
  ...{ name: z.string(), tied: z.boolean(), N: z.int(), T: z.int(), V: z.int(), D: z.int(), H: z.int() },
  ...{ params: ByName, windows: z.array(Window) },
});

const AttentionCase = z.object({
  ...{ name: z.string(), kind: z.enum(["dot", "additive"]), lengths: z.nullable(z.array(z.int())) },
  ...{ N: z.int(), T: z.int(), S: z.int(), A: z.int(), H: z.int() },
  inputs: z.object({ queries: Recorded, keys: Recorded, values: Recorded, vector: Recorded, dcontexts: Recorded }),
  ...{ outputs: ByName, gradients: ByName },
});
const SmoothingCase = z.object({
  ...{ name: z.string(), smoothing: z.number(), weights: z.array(z.number()) },
  ...{ logits: Recorded, targets: Recorded, losses: Recorded, dlogits: Recorded },
});
/** A layer: arrays by their name, parameters by theirs. */
const LayerCase = z.object({
  ...{ name: z.string(), lengths: z.array(z.int()) },
  ...{ inputs: ByName, params: ByName, outputs: ByName, gradients: ByName },
});
/** A layer for pictures, with the side of its window. */
const PictureCase = z.object({
  ...{ name: z.string(), window: z.int() },
  ...{ inputs: ByName, params: ByName, outputs: ByName, gradients: ByName },
});
/** A configuration as the fixtures write it, in the words of format version 1. */
const Config = z.pipe(z.transform(upgradeConfig), z.union([Seq2SeqConfig, CaptionerConfig]));
const PairCase = z.object({
  ...{ name: z.string(), smoothing: z.number(), config: Config, loss: z.number() },
  ...{ sourceLengths: z.optional(z.array(z.int())), targetLengths: z.array(z.int()) },
  ...{ source: Recorded, target: Recorded },
  ...{ params: ByName, gradients: ByName, logits: Recorded, weights: Maybe },
});

export type Seq2SeqCase = z.infer<typeof Seq2SeqCase>;
export type PairCase = z.infer<typeof PairCase>;

export const readLstm = () => read("lstm.json", z.object({ cases: z.array(LSTMCase) })).cases;
export const readRecurrent = (cell: "gru" | "rnn") =>
  read(`${cell}.json`, z.object({ cases: z.array(RecurrentCase) })).cases;
export const readSeq2Seq = () => read("seq2seq.json", z.object({ cases: z.array(Seq2SeqCase) })).cases;
export const readLanguageModel = () =>
  read("language-model.json", z.object({ cases: z.array(LanguageModelCase) })).cases;
export const readAttentionKernels = () =>
  read("attention-kernels.json", z.object({ cases: z.array(AttentionCase) })).cases;
export const readSmoothing = () => read("label-smoothing.json", z.object({ cases: z.array(SmoothingCase) })).cases;
export const readAttention = () => read("attention.json", z.object({ cases: z.array(LayerCase) })).cases;
export const readBidirectional = () => read("bidirectional.json", z.object({ cases: z.array(LayerCase) })).cases;
export const readPictureLayers = () =>
  read("picture-layers.json", z.object({ convolutions: z.array(PictureCase), blocks: z.array(PictureCase) }));
export const readPairs = () => read("seq2seq-attention.json", z.object({ cases: z.array(PairCase) })).cases;
export const readCaptioners = () => read("captioner.json", z.object({ cases: z.array(PairCase) })).cases;
export const readOptim = () => read("optim.json", Optim);

function read<T>(file: string, schema: z.ZodMiniType<T>): T {
  return z.parse(schema, JSON.parse(readFileSync(new URL(`../fixtures/${file}`, import.meta.url), "utf8")));
}

export function tensorOf({ arena }: Backend, { shape, data }: Recorded): Tensor {
  const tensor = arena.tensor(shape);
  tensor.data.set(data);
  return tensor;
}

export function intsOf({ arena }: Backend, { shape, data }: Recorded): Ints {
  const ints = arena.ints(shape);
  ints.data.set(data);
  return ints;
}

/** An array that a case must have. */
export function recorded(arrays: Readonly<Record<string, Recorded>>, name: string): Recorded {
  const array = arrays[name];
  if (!array) throw new Error(`${name}: expected such an array among ${Object.keys(arrays).join(", ")}`);
  return array;
}

export function lengthsOf(backend: Backend, lengths: readonly number[]): Ints {
  return intsOf(backend, { shape: [lengths.length], data: [...lengths] });
}

/** Gives parameters the recorded values of their names. */
export function setParamsByName(params: readonly Param[], arrays: Readonly<Record<string, Recorded>>): void {
  setParams(
    params,
    params.map(({ name }) => recorded(arrays, name)),
  );
}

/** Gives parameters the recorded values. */
export function setParams(params: readonly Param[], recorded: readonly (Recorded | undefined)[]): void {
  params.forEach(({ name, value }, i) => {
    const data = recorded[i]?.data;
    if (data?.length !== value.size) throw new Error(`${name}: expected ${value.size} values, got ${data?.length}`);
    value.data.set(data);
  });
}
