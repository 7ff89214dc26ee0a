import { createHash } from "node:crypto";
import * as z from "zod/mini";
import type { Backend } from "../backend/backend.js";
import type { PairData } from "../data/pairs.js";
import type { SavedSeq2Seq } from "../files/model-file.js";
import { type PairBatch, Seq2Seq, type Seq2SeqShape } from "../models/seq2seq.js";
import { type BatchSource, PairBatches } from "../train/batches.js";
import { evaluatePairs, type PairEvaluation } from "../train/evaluate.js";
import { measuresFor } from "../train/pair-measures.js";
import type { PairSettings } from "../train/pair-options.js";
import { StreamBatches } from "../train/stream-batches.js";
import { Division } from "./division.js";
import { formatAnswers } from "./draw.js";
import { percent } from "./output.js";
import { Run, type RunReport } from "./run.js";

export type { TrainTargets } from "./run.js";

export type PairResult = PairEvaluation & { readonly split: "valid" | "test" };
export type PairReport = RunReport<PairResult>;

/** An evaluation in words. */
export function describePairs(result: PairResult): { line: string; below: string } {
  const { exactMatch, forcedAccuracy, bleu, loss, split, samples } = result;
  const part = split === "test" ? "test" : "validation";
  const scores = [
    `${percent(exactMatch)} right`,
    ...(forcedAccuracy === undefined ? [] : [`${percent(forcedAccuracy)} of tokens with teacher forcing`]),
    ...(bleu === undefined ? [] : [`BLEU ${bleu.toFixed(1)}`]),
    `${part} loss ${loss.toFixed(4)}`,
  ];
  return { line: scores.join(", "), below: formatAnswers(samples) };
}

/**
 * A seq2seq training run. Where there is a validation part, the model with its lowest loss is what is kept and tested;
 * where there is none, as in the book, the test part is scored after each epoch, and the last model is kept.
 */
export class PairRun extends Run<PairBatch, PairResult> {
  readonly model: Seq2Seq;
  protected override readonly keepsBest: boolean;
  /** Of the model that is kept, on the test part; there when training is done. */
  test: PairResult | undefined;
  readonly #data: PairData;
  readonly #settings: PairSettings;
  readonly #division: Division;

  /** @param division how the data were divided */
  constructor(backend: Backend, data: PairData, settings: PairSettings, division: Division = {}) {
    const { seed, smoothing, sampling, init } = settings;
    const model = Seq2Seq.for(backend, data, shapeOf(settings), { seed, smoothing, sampling }).initialize(seed, init);
    super(backend, model, settings);
    this.model = model;
    this.#data = data;
    this.#settings = settings;
    this.#division = z.parse(Division, division); // of a command's options, no others
    this.keepsBest = data.valid !== undefined;
  }

  override get saved(): SavedSeq2Seq {
    const { seed, epochs, ...settings } = this.#settings;
    const options = { ...settings, ...this.#division };
    const scores: Record<string, number> = {};
    const last = this.test ?? this.evaluation;
    for (const name of ["exactMatch", "errorRate", "forcedAccuracy", "bleu", "chrf"] as const)
      if (last?.[name] !== undefined) scores[name] = last[name];
    const training = { data: this.#data.name, seed, epochs, updates: this.updates, options, scores };
    return { model: this.model, tokenizer: this.#data.tokenizer, training };
  }

  protected override source(): BatchSource<PairBatch> {
    const { batch, seed, epochs, updates = Number.POSITIVE_INFINITY } = this.#settings;
    const { train, stream } = this.#data;
    if (!stream) return new PairBatches(this.backend, train, { batch, seed });
    const total = Math.min(updates, epochs * StreamBatches.perEpoch);
    return new StreamBatches(this.backend, stream, train, { batch, seed, updates: total });
  }

  protected override score(): PairResult {
    return this.#scoreOn(this.#data.valid ? "valid" : "test");
  }

  protected override finished(): void {
    this.test = this.#data.valid ? this.#scoreOn("test") : this.evaluation;
  }

  #scoreOn(split: "valid" | "test"): PairResult {
    const { tokenizer, test, valid = test } = this.#data;
    const pairs = split === "test" ? test : valid;
    return {
      split,
      ...evaluatePairs(this.backend, this.model, tokenizer, pairs, { measures: measuresFor(tokenizer, pairs) }),
    };
  }

  protected override figures({ exactMatch, forcedAccuracy, bleu, loss }: PairResult): Record<string, number> {
    const others = { ...(forcedAccuracy !== undefined && { forcedAccuracy }), ...(bleu !== undefined && { bleu }) };
    return { exactMatch, loss, ...others };
  }

  protected override hashData(): string {
    const { tokenizer, train, valid = [], test, stream } = this.#data;
    const hash = createHash("sha256").update(JSON.stringify(tokenizer));
    if (stream) hash.update(stream.id);
    for (const { sources, targets } of [train, valid, test].flat())
      for (const { ids, starts } of [sources, targets]) hash.update(ids).update(starts);
    return hash.digest("hex");
  }
}

/** What of the settings makes the model. */
function shapeOf(settings: PairSettings): Seq2SeqShape {
  const { decoder, attention, combine, inputFeeding, tied, cell, layers, bidirectional, reverse, passCell } = settings;
  const { embedding, hidden, dropout } = settings;
  const look = { decoder, attention, combine, inputFeeding, tied };
  return { ...look, cell, layers, bidirectional, reverse, passCell, embedding, hidden, dropout };
}
