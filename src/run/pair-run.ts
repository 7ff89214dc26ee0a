import { createHash } from "node:crypto";
import * as z from "zod/mini";
import { formatAnswers } from "../cli/draw.js";
import { percent } from "../cli/output.js";
import type { Backend } from "../engine/backend/backend.js";
import { OptionError } from "../engine/errors.js";
import type { SavedAnswering } from "../files/model-file.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { Seq2Seq, type Seq2SeqShape } from "../models/seq2seq.js";
import type { PairBatch, Sources } from "../models/sources.js";
import type { AnsweringParts, Seq2SeqTokenizer } from "../tasks/model-kinds.js";
import type { PairSettings } from "../tasks/pairs/pair-options.js";
import { type PairData, STREAM_EPOCH } from "../tasks/pairs/pairs.js";
import type { PairCodec } from "../text/codec.js";
import { type BatchSource, PairBatches, StreamBatches } from "./batches.js";
import { Division } from "./division.js";
import { evaluatePairs, measuresFor, type PairEvaluation } from "./evaluate.js";
import { Run, type RunOptions, type RunReport } from "./run.js";

export type { TrainTargets } from "./run.js";

export type PairResult = PairEvaluation & { readonly set: "valid" | "test" };
export type PairReport = RunReport<PairResult>;

/** An evaluation in words. */
export function describePairs(result: PairResult): { line: string; below: string } {
  const { exactMatch, judged = exactMatch, tokenAccuracy, bleu, loss, set, samples } = result;
  const name = set === "test" ? "test" : "validation";
  const scores = [
    `${percent(judged)} right`,
    ...(tokenAccuracy === undefined ? [] : [`token accuracy (teacher forcing) ${percent(tokenAccuracy)}`]),
    ...(bleu === undefined ? [] : [`BLEU ${bleu.toFixed(1)}`]),
    `${name} loss ${loss.toFixed(4)}`,
  ];
  return { line: scores.join(", "), below: formatAnswers(samples) };
}

/** What a run of any model that answers is given. */
export interface AnswerSettings extends RunOptions {
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * A training run of a model that answers. Where there is a validation set, the model with its lowest loss is what is kept
 * and tested; where there is none, as in the book, the test set is scored after each epoch, and the last model is kept.
 */
export class PairRun extends Run<PairBatch, PairResult> {
  readonly model: EncoderDecoder;
  protected override readonly keepsBest: boolean;
  /** Of the model that is kept, on the test set; there when training is done. */
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
    for (const name of ["exactMatch", "judged", "errorRate", "tokenAccuracy", "bleu", "chrf"] as const)
      if (last?.[name] !== undefined) scores[name] = last[name];
    const training = { data: this.#data.name, seed, epochs, steps: this.steps, options, scores };
    return { ...this.#parts, training };
  }

  protected override source(): BatchSource<PairBatch> {
    const { batchSize, seed, epochs, maxSteps = Number.POSITIVE_INFINITY } = this.#settings;
    const { train, stream } = this.#data;
    if (!stream) return new PairBatches(this.backend, train, { batchSize, seed });
    const total = Math.min(maxSteps, epochs * STREAM_EPOCH);
    return new StreamBatches(this.backend, stream, train, { batchSize, seed, steps: total });
  }

  protected override score(): PairResult {
    return this.#scoreOn(this.#data.valid ? "valid" : "test");
  }

  protected override finished(): void {
    this.test = this.#data.valid ? this.#scoreOn("test") : this.evaluation;
  }

  #scoreOn(set: "valid" | "test"): PairResult {
    const { tokenizer, test, valid = test } = this.#data;
    const pairs = set === "test" ? test : valid;
    return {
      set,
      ...evaluatePairs(this.backend, this.model, tokenizer, pairs, { measures: measuresFor(tokenizer, pairs) }),
    };
  }

  protected override figures({ exactMatch, judged, tokenAccuracy, bleu, loss }: PairResult): Record<string, number> {
    const others = {
      ...(judged !== undefined && { judged }),
      ...(tokenAccuracy !== undefined && { tokenAccuracy }),
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
  const { seed, labelSmoothing, scheduledSampling, init } = settings;
  if (!("frameSize" in data.tokenizer.source)) refuseFrames(settings);
  const model = Seq2Seq.for(backend, data, shapeOf(settings), { seed, labelSmoothing, scheduledSampling }).initialize(
    seed,
    init,
  );
  return new PairRun(backend, data, { model, tokenizer: data.tokenizer }, settings, division);
}

/** @throws OptionError where texts are to be read like frames, naming what asked for it: a preset, or an option */
function refuseFrames({ preset, stackFrames = 1, pyramidLayers = 0 }: PairSettings): void {
  if (stackFrames === 1 && pyramidLayers === 0) return;
  const asked = preset === "listen" ? "--preset listen" : stackFrames > 1 ? "--stack-frames" : "--pyramid-layers";
  throw new OptionError(`${asked}: expected .wav or .npy files, got texts.`, "leave it out");
}

/** What of the settings makes the model. */
function shapeOf(settings: PairSettings): Seq2SeqShape {
  const {
    decoder,
    attentionScore,
    attentionalHidden,
    inputFeeding,
    tieWeights,
    cell,
    layers,
    bidirectional,
    reverse,
    initCell,
  } = settings;
  const { pyramidLayers = 0, embeddingSize, hiddenSize, dropout } = settings;
  const look = { decoder, attentionScore, attentionalHidden, inputFeeding, tieWeights };
  return { ...look, pyramidLayers, cell, layers, bidirectional, reverse, initCell, embeddingSize, hiddenSize, dropout };
}
