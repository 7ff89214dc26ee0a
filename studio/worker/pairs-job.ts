import {
  type Backend,
  evaluatePairs,
  optimizers,
  PairBatches,
  type PairSet,
  Seq2Seq,
  Sequences,
  Trainer,
} from "seqloom";
import type { Job } from "./job.js";
import type { PreparedPairs } from "./pairs-task.js";

/** Questions that are answered again and again while the model learns. */
const SHOWN = 10;

/** Trains a seq2seq as `seqloom train seq2seq` does. */
export function pairsJob(backend: Backend, { data, settings }: PreparedPairs): Job {
  const { seed, labelSmoothing, scheduledSampling, init, epochs, batchSize, optimizer, learningRate, ...options } =
    settings;
  const model = Seq2Seq.for(backend, data, options, { seed, labelSmoothing, scheduledSampling }).initialize(seed, init);
  const trainer = new Trainer(backend, model, new optimizers[optimizer](backend, model.params, learningRate));
  const { tokenizer, test, valid = test, train } = data;
  const batches = new PairBatches(backend, train, { batchSize, seed });
  const shown = firstOf(test, SHOWN);
  const all = { labelSmoothing, scheduledSampling, init, batchSize, optimizer, learningRate, ...options };
  return {
    showEvery: 1000,
    keepsBest: data.valid !== undefined,
    saved: ({ steps, scores }) => ({
      ...{ model, tokenizer },
      training: { data: data.name, seed, epochs, steps, options: all, scores },
    }),
    train: (control) => trainer.run(batches, { ...settings, ...control }),
    score() {
      const { exactMatch, loss, perplexity } = evaluatePairs(backend, model, tokenizer, valid);
      return { exactMatch, loss, perplexity };
    },
    show: () => ({ samples: evaluatePairs(backend, model, tokenizer, shown).samples, text: "" }),
  };
}

/** The first pairs of a set. */
function firstOf({ count, sources, targets }: PairSet, most: number): PairSet {
  const few = Math.min(count, most);
  const cut = ({ ids, starts }: Sequences): Sequences => new Sequences(ids, starts.subarray(0, few + 1));
  return { count: few, sources: cut(sources), targets: cut(targets) };
}
