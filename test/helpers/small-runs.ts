import type { Backend } from "../../src/engine/backend/backend.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { Random } from "../../src/engine/random.js";
import type { Param } from "../../src/engine/tensor.js";
import { Captioner, type CaptionerShape } from "../../src/models/captioner.js";
import type { DecoderTraining } from "../../src/models/encoder-decoder.js";
import { LanguageModel, type LanguageModelConfig, type TextBatch } from "../../src/models/language-model.js";
import { Seq2Seq, type Seq2SeqShape } from "../../src/models/seq2seq.js";
import type { PairBatch } from "../../src/models/sources.js";
import { type BatchSource, PairBatches } from "../../src/run/batches.js";
import { type Trainable, Trainer } from "../../src/run/trainer.js";
import { addition } from "../../src/tasks/pairs/addition.js";
import { reversedWords } from "./letters.js";

export interface SmallRun {
  readonly params: readonly Param[];
  /** Trains on. @returns the loss of each step, nats per token */
  train(steps: number): Promise<number[]>;
  /** The loss of the first batch, without training. */
  loss(): number;
}

function runOf<Batch>(model: Trainable<Batch>, trainer: Trainer<Batch>, source: BatchSource<Batch>): SmallRun {
  return {
    params: model.params,
    async train(steps) {
      const losses: number[] = [];
      const until = { epochs: 1e6, maxSteps: trainer.steps + steps, gradClip: 5, reportEvery: 1 };
      for await (const report of trainer.run(source, until)) if (report.kind === "step") losses.push(report.loss);
      return losses;
    },
    loss: () => model.forward(source.batch(1, 0)),
  };
}

const sums = addition({ digits: 2, count: 2000 });

/** Sums of two numbers, by a peeky model. */
export function runSums(backend: Backend, shape: Seq2SeqShape = {}, batchSize = 48): SmallRun {
  const model = Seq2Seq.for(backend, sums, { decoder: "peeky", reverse: true, ...shape }).initialize(1);
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.002));
  return runOf(model, trainer, new PairBatches(backend, sums.train, { batchSize, seed: 1 }));
}

const words = reversedWords(2000);

/** Words of 0 to 12 letters, read both ways and written back to front by a model with attention, unless `shape` says otherwise. */
export function runWords(
  backend: Backend,
  shape: Seq2SeqShape = {},
  batchSize = 48,
  training: DecoderTraining = {},
): SmallRun & { readonly model: Seq2Seq } {
  const all = {
    decoder: "attention",
    attentionalHidden: true,
    bidirectional: true,
    layers: 2,
    dropout: 0.1,
    ...shape,
  } as const;
  const model = Seq2Seq.for(backend, words, all, training).initialize(1, "glorot");
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.005));
  return { model, ...runOf(model, trainer, new PairBatches(backend, words.train, { batchSize, seed: 1 })) };
}

/** Pictures of noise whose captions say which half is brighter, by a model with attention unless `shape` says otherwise. */
export function runPictures(backend: Backend, shape: CaptionerShape = {}, N = 48): SmallRun {
  const picture = { height: 22, width: 18, channels: 3 };
  const given = {
    decoder: "attention",
    combine: true,
    blocks: [11, 17],
    embeddingSize: 13,
    hiddenSize: 66,
    ...shape,
  } as const;
  const model = Captioner.for(backend, { tokenizer: { source: { picture }, target: { size: 4 } } }, given).initialize(
    1,
  );
  const [source, target] = [backend.arena.tensor([N, 22, 18, 3]), backend.arena.ints([N, 4])];
  const halves = Array.from({ length: N }, (_, n) => n % 2);
  const random = new Random(3);
  const half = source.size / N / 2;
  source.data.set(
    halves.flatMap((bright) =>
      [0, 1].flatMap((i) => Array.from({ length: half }, () => random.uniform() + Number(i === bright))),
    ),
  );
  target.data.set(halves.flatMap((bright) => [0, 1 + bright, 3, 1 + bright]));
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.002));
  const batches: BatchSource<PairBatch> = { perEpoch: 1, tokensPerBatch: 3 * N, batch: () => ({ source, target }) };
  return runOf(model, trainer, batches);
}

/** A made-up text in which each token all but follows from the two before it, by a model with dropout and a tied weight. */
export function runText(backend: Backend, config: Partial<LanguageModelConfig> = {}, N = 10, T = 9): SmallRun {
  const sizes = { vocabSize: 211, embeddingSize: 57, hiddenSize: 57, layers: 2 };
  const all = {
    kind: "language-model",
    cell: "lstm",
    ...sizes,
    dropout: 0.3,
    tieWeights: "output",
    ...config,
  } as const;
  const model = new LanguageModel(backend, all, 3).initialize(1);
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.002));
  const [inputs, targets] = [backend.arena.ints([N, T]), backend.arena.ints([N, T])];
  const text = makeText(all.vocabSize, N * (T * 40 + 1));
  const width = T * 40 + 1;
  const source: BatchSource<TextBatch> = {
    ...{ perEpoch: 40, tokensPerBatch: N * T },
    batch(_, index) {
      for (let n = 0; n < N; n++) {
        const from = n * width + index * T;
        inputs.data.set(text.subarray(from, from + T), n * T);
        targets.data.set(text.subarray(from + 1, from + T + 1), n * T);
      }
      return { inputs, targets };
    },
  };
  return runOf(model, trainer, source);
}

function makeText(V: number, length: number): Int32Array {
  const text = Int32Array.from({ length }, (_, i) => i % V);
  for (let i = 2; i < length; i++) {
    const [a = 0, b = 0] = [text[i - 1], text[i - 2]];
    text[i] = i % 7 === 0 ? (i * i) % V : (3 * a + b) % Math.min(V, 41);
  }
  return text;
}
