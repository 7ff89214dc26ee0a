import { createHash } from "node:crypto";
import type { Backend } from "../backend/backend.js";
import type { PairData } from "../data/pairs.js";
import type { SavedSeq2Seq } from "../files/model-file.js";
import { type PairBatch, Seq2Seq } from "../models/seq2seq.js";
import { type BatchSource, PairBatches } from "../train/batches.js";
import { evaluatePairs, type PairEvaluation } from "../train/evaluate.js";
import type { PairOptions } from "../train/pair-options.js";
import { formatAnswers } from "./draw.js";
import { percent } from "./output.js";
import { Run, type RunReport } from "./run.js";

export type { TrainTargets } from "./run.js";

export type PairResult = PairEvaluation & { readonly split: "test" };
export type PairReport = RunReport<PairResult>;

/** An evaluation in words. */
export function describePairs({ exactMatch, loss, samples }: PairResult): { line: string; below: string } {
  return { line: `${percent(exactMatch)} right, test loss ${loss.toFixed(4)}`, below: formatAnswers(samples) };
}

/** A seq2seq training run. There is no validation part: the model of the last update is what is kept. */
export class PairRun extends Run<PairBatch, PairResult> {
  readonly model: Seq2Seq;
  protected override readonly keepsBest = false;
  readonly #data: PairData;
  readonly #options: PairOptions;

  constructor(backend: Backend, data: PairData, options: PairOptions) {
    const { model: decoder, cell, reverse, passCell, embedding, hidden, seed, init } = options;
    const shape = { decoder, cell, reverse, passCell, embedding, hidden };
    const model = Seq2Seq.for(backend, data, shape).initialize(seed, init);
    super(backend, model, options);
    this.model = model;
    this.#data = data;
    this.#options = options;
  }

  override get saved(): SavedSeq2Seq {
    const { seed, epochs, ...options } = this.#options;
    const scores: Record<string, number> = {};
    if (this.evaluation) scores["exactMatch"] = this.evaluation.exactMatch;
    const training = { data: this.#data.name, seed, epochs, updates: this.updates, options, scores };
    return { model: this.model, tokenizer: this.#data.tokenizer, training };
  }

  protected override source(): BatchSource<PairBatch> {
    const { batch, seed } = this.#options;
    return new PairBatches(this.backend, this.#data.train, { batch, seed });
  }

  protected override score(): PairResult {
    return { split: "test", ...evaluatePairs(this.backend, this.model, this.#data.tokenizer, this.#data.test) };
  }

  protected override figures({ exactMatch, loss }: PairResult): Record<string, number> {
    return { exactMatch, loss };
  }

  protected override hashData(): string {
    const { tokenizer, train, test } = this.#data;
    const hash = createHash("sha256").update(JSON.stringify(tokenizer));
    for (const { sources, targets } of [train, test])
      for (const { ids, starts } of [sources, targets]) hash.update(ids).update(starts);
    return hash.digest("hex");
  }
}
