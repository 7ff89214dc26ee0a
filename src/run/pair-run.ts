import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { formatAnswers } from "../cli/draw.js";
import { percent } from "../cli/output.js";
import type { Backend } from "../engine/backend/backend.js";
import { OptionError } from "../engine/errors.js";
import type { SavedAnswering } from "../files/model-file.js";
import type { EncoderDecoder, PairBatch } from "../models/encoder-decoder.js";
import { Seq2Seq, type Seq2SeqShape } from "../models/seq2seq.js";
import type { Sources } from "../models/sources.js";
import type { AnsweringParts, Seq2SeqTokenizer } from "../tasks/model-kinds.js";
import type { PairSettings } from "../tasks/pairs/pair-options.js";
import { type PairData, STREAM_EPOCH } from "../tasks/pairs/pairs.js";
import type { PairCodec } from "../text/codec.js";
import { type BatchSource, PairBatches, StreamBatches } from "./batches.js";
import { Division } from "./division.js";
import { evaluatePairs, measuresFor, type PairEvaluation } from "./evaluate.js";
import { Run, type RunOptions, type RunReport } from "./run.js";

export type { TrainTargets } from "./run.js";

export type PairResult = PairEvaluation & { readonly split: "valid" | "test" };
export type PairReport = RunReport<PairResult>;

/** An evaluation in words. */
export function describePairs(result: PairResult): { line: string; below: string } {
  const { exactMatch, judged = exactMatch, forcedAccuracy, bleu, loss, split, samples } = result;
  const part = split === "test" ? "test" : "validation";
  const scores = [
    `${percent(judged)} right`,
    ...(forcedAccuracy === undefined ? [] : [`${percent(forcedAccuracy)} of tokens with teacher forcing`]),
    ...(bleu === undefined ? [] : [`BLEU ${bleu.toFixed(1)}`]),
    `${part} loss ${loss.toFixed(4)}`,
  ];
  return { line: scores.join(", "), below: formatAnswers(samples) };
}

/** What a run of any model that answers is told. */
export interface AnswerSettings extends RunOptions {
  readonly batch: number;
  readonly seed: number;
}

/**
 * A training run of a model that answers. Where there is a validation part, the model with its lowest loss is what is kept
 * and tested; where there is none, as in the book, the test part is scored after each epoch, and the last model is kept.
 */
export class PairRun extends Run<PairBatch, PairResult> {
  readonly model: EncoderDecoder;
  protected override readonly keepsBest: boolean;
  /** Of the model that is kept, on the test part; there when training is done. */
  test: PairResult | undefined;
  readonly #data: PairData<Sources, PairCodec>;
  readonly #parts: AnsweringParts;
  readonly #settings: AnswerSettings;
  readonly #division: Division;

  /**
   * @param parts the model, its weights drawn
   * @param division how the data were divided
   */
  constructor(
    backend: Backend,
    data: PairData<Sources, PairCodec>,
    parts: AnsweringParts,
    settings: AnswerSettings,
    division: Division = {},
  ) {
    super(backend, parts.model, settings);
    this.model = parts.model;
    this.#parts = parts;
    this.#data = data;
    this.#settings = settings;
    this.#division = z.parse(Division, division); // of a command's options, no others
    this.keepsBest = data.valid !== undefined;
  }

  override get saved(): SavedAnswering {
    const { seed, epochs, ...settings } = this.#settings;
    const options = { ...settings, ...this.#division };
    const scores: Record<string, number> = {};
    const last = this.test ?? this.evaluation;
    for (const name of ["exactMatch", "judged", "errorRate", "forcedAccuracy", "bleu", "chrf"] as const)
      if (last?.[name] !== undefined) scores[name] = last[name];
    const training = { data: this.#data.name, seed, epochs, updates: this.updates, options, scores };
    return { ...this.#parts, training };
  }

  protected override source(): BatchSource<PairBatch> {
    const { batch, seed, epochs, updates = Number.POSITIVE_INFINITY } = this.#settings;
    const { train, stream } = this.#data;
    if (!stream) return new PairBatches(this.backend, train, { batch, seed });
    const total = Math.min(updates, epochs * STREAM_EPOCH);
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

  protected override figures({ exactMatch, judged, forcedAccuracy, bleu, loss }: PairResult): Record<string, number> {
    const others = {
      ...(judged !== undefined && { judged }),
      ...(forcedAccuracy !== undefined && { forcedAccuracy }),
      ...(bleu !== undefined && { bleu }),
    };
    return { exactMatch, loss, ...others };
  }

  protected override hashData(): string {
    const { tokenizer, train, valid = [], test, stream } = this.#data;
    const hash = createHash("sha256").update(JSON.stringify(tokenizer));
    if (stream) hash.update(stream.id);
    for (const { sources, targets } of [train, valid, test].flat())
      for (const array of [...sources.arrays, ...targets.arrays]) hash.update(array);
    return hash.digest("hex");
  }
}

/** The run of a seq2seq model. */
export function seq2seqRun(
  backend: Backend,
  data: PairData<Sources, Seq2SeqTokenizer>,
  settings: PairSettings,
  division?: Division,
): PairRun {
  const { seed, smoothing, sampling, init } = settings;
  if (!("frameSize" in data.tokenizer.source)) refuseFrames(settings);
  const model = Seq2Seq.for(backend, data, shapeOf(settings), { seed, smoothing, sampling }).initialize(seed, init);
  return new PairRun(backend, data, { model, tokenizer: data.tokenizer }, settings, division);
}

/** @throws OptionError where texts are to be read like frames, naming what asked for it: a preset, or an option */
function refuseFrames({ model, stack = 1, pyramid = 0 }: PairSettings): void {
  if (stack === 1 && pyramid === 0) return;
  const asked = model === "listen" ? "--model listen" : stack > 1 ? "--stack" : "--pyramid";
  throw new OptionError(`${asked}: expected .wav or .npy files, got texts.`, "leave it out");
}

/** What of the settings makes the model. */
function shapeOf(settings: PairSettings): Seq2SeqShape {
  const { decoder, attention, combine, inputFeeding, tied, cell, layers, bidirectional, reverse, passCell } = settings;
  const { pyramid = 0, embedding, hidden, dropout } = settings;
  const look = { decoder, attention, combine, inputFeeding, tied };
  return { ...look, pyramid, cell, layers, bidirectional, reverse, passCell, embedding, hidden, dropout };
}
