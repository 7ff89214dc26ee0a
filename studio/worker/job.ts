import {
  type Backend,
  evaluatePairs,
  generateIds,
  type PairRun,
  type PairSet,
  Random,
  Sampler,
  type Seq2Seq,
  Sequences,
  seq2seqRun,
  type TextCodec,
  TextRun,
} from "seqloom";
import type { Sample } from "../messages.js";
import type { PreparedPairs } from "./pairs-task.js";
import type { PreparedText } from "./text-task.js";

/** Number of test questions, or of tokens, in the samples that are shown during training. */
const QUESTIONS = 10;
const TOKENS = { words: 40, characters: 160 };

/** A run of any kind, ready for training as on the command line. */
export interface Job {
  readonly run: PairRun<TextCodec, Seq2Seq> | TextRun;
  /** Milliseconds between two samples: a language model generates token by token, which takes longer. */
  readonly showEvery: number;
  /** Samples of the current model. */
  show(): { readonly samples: readonly Sample[]; readonly text: string };
}

export function pairsJob(backend: Backend, { data, settings }: PreparedPairs): Job {
  const run = seq2seqRun(backend, data, settings);
  const shown = firstOf(data.test, QUESTIONS);
  return {
    ...{ run, showEvery: 1000 },
    show: () => ({ samples: evaluatePairs(backend, run.model, data.tokenizer, shown).samples, text: "" }),
  };
}

export function textJob(backend: Backend, { data, settings }: PreparedText): Job {
  const { tokenizer, valid } = data;
  const run = new TextRun(backend, data, settings);
  const { model } = run;
  const prompt = [...valid.read(0, 1)];
  const maxTokens = TOKENS[settings.tokenizer];
  return {
    ...{ run, showEvery: 5000 },
    show() {
      const state = model.keepState();
      const random = new Random(settings.seed);
      const text = tokenizer.decode([
        ...prompt,
        ...generateIds(model, { prompt, maxTokens, sampler: new Sampler(), random }),
      ]);
      model.state = state;
      return { samples: [], text };
    },
  };
}

/** The first pairs of a set. */
function firstOf({ count, sources, targets }: PairSet, most: number): PairSet {
  const few = Math.min(count, most);
  const cut = ({ ids, starts }: Sequences): Sequences => new Sequences(ids, starts.subarray(0, few + 1));
  return { count: few, sources: cut(sources), targets: cut(targets) };
}
