import {
  type Backend,
  evaluateText,
  generateIds,
  LanguageModel,
  optimizers,
  Random,
  Sampler,
  TextBatches,
  Trainer,
} from "seqloom";
import type { Job } from "./job.js";
import type { PreparedText } from "./text-task.js";

/** Tokens of the text that is written again and again while the model learns. */
const SHOWN = { words: 40, characters: 160 };

/** Trains a language model as `seqloom train lm` does. */
export function textJob(backend: Backend, { data, settings }: PreparedText): Job {
  const { seed, init, epochs, ...options } = settings;
  const { cell, layers, embeddingSize, hiddenSize, dropout, tieWeights } = options;
  const { tokenizer, train, valid } = data;
  const sizes = { cell, layers, embeddingSize, hiddenSize, dropout, tieWeights, vocabSize: tokenizer.size };
  const model = new LanguageModel(backend, { kind: "language-model", ...sizes }, seed).initialize(seed, init);
  const trainer = new Trainer(
    backend,
    model,
    new optimizers[options.optimizer](backend, model.params, options.learningRate),
  );
  const batches = new TextBatches(backend, train, { N: options.batchSize, T: options.seqLen });
  const prompt = [...valid.read(0, 1)];
  return {
    showEvery: 5000,
    keepsBest: true,
    saved: ({ steps, scores }) => ({
      ...{ model, tokenizer },
      training: { data: data.name, seed, epochs, steps, options: { ...options, init }, scores },
    }),
    train: (control) => trainer.run(batches, { ...settings, ...control }),
    score() {
      const { loss, perplexity } = evaluateText(backend, model, valid, "exact");
      return { loss, perplexity };
    },
    show() {
      const state = model.keepState();
      const write = { prompt, maxTokens: SHOWN[settings.tokenizer], sampler: new Sampler(), random: new Random(seed) };
      const text = tokenizer.decode([...prompt, ...generateIds(model, write)]);
      model.state = state;
      return { samples: [], text };
    },
  };
}
