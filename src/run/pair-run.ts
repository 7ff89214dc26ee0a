import type { Backend } from "../engine/backend/backend.js";
import { OptionError } from "../engine/errors.js";
import type { sha256 } from "../engine/sha256.js";
import type { ModelContent } from "../files/model-file.js";
import type { EncoderDecoder } from "../models/encoder-decoder.js";
import { Seq2Seq, type Seq2SeqShape } from "../models/seq2seq.js";
import type { PairBatch, Sources } from "../models/sources.js";
import type { PairSettings } from "../tasks/pairs/pair-options.js";
import { type PairData, STREAM_EPOCH } from "../tasks/pairs/pairs.js";
import type { Seq2SeqTokenizer } from "../tasks/task.js";
import type { PairCodec } from "../text/codec.js";
import { type BatchSource, PairBatches, StreamBatches } from "./batches.js";
import { evaluatePairs, measuresFor, type PairEvaluation } from "./evaluate.js";
import { Run, type RunEvent, type RunOptions } from "./run.js";

export type PairResult = PairEvaluation & { readonly set: "valid" | "test" };
export type PairEvent = RunEvent<PairResult>;

/** An encoder–decoder with its tokenizer. */
interface AnsweringModel<Model extends EncoderDecoder, Tokenizer extends PairCodec> {
  readonly model: Model;
  readonly tokenizer: Tokenizer;
}

/** Options of a run of any model that answers. */
export interface AnswerSettings extends RunOptions {
  readonly batchSize: number;
  readonly seed: number;
}

/** Options that decide, beside the seed, which pairs are held out: the model file keeps them with those of the run. */
export type Division = Readonly<Record<string, unknown>>;

/**
 * A training run of a model that answers. Where there is a validation set, the model with the lowest loss on it is kept and
 * tested. Where there is none, as in the book, the test set is scored after each epoch, and the last model is kept.
 */
export class PairRun<
  Tokenizer extends PairCodec = PairCodec,
  Model extends EncoderDecoder = EncoderDecoder,
> extends Run<PairBatch, PairResult> {
  readonly model: Model;
  override readonly keepsBest: boolean;
  /** Scores of the model that is kept, on the test set: known when the run is finished. */
  test: PairResult | undefined;
  readonly #data: PairData<Sources, PairCodec>;
  readonly #parts: AnsweringModel<Model, Tokenizer>;
  readonly #settings: AnswerSettings;
  readonly #division: Division;

  /**
   * @param parts the model, its weights drawn, and its tokenizers
   * @param division the options that divided the data
   */
  constructor(
    backend: Backend,
    data: PairData<Sources, PairCodec>,
    parts: AnsweringModel<Model, Tokenizer>,
    settings: AnswerSettings,
    division: Division = {},
  ) {
    super(backend, parts.model, settings);
    this.model = parts.model;
    this.#parts = parts;
    this.#data = data;
    this.#settings = settings;
    this.#division = division;
    this.keepsBest = data.valid !== undefined;
  }

  override get saved(): AnsweringModel<Model, Tokenizer> & Pick<ModelContent, "training"> {
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

  protected override hashData(hash: typeof sha256): string {
    const { tokenizer, train, valid = [], test, stream } = this.#data;
    const sets = [train, valid, test].flat();
    const arrays = sets.flatMap(({ sources, targets }) => [...sources.arrays, ...targets.arrays]);
    return hash([JSON.stringify(tokenizer), ...(stream ? [stream.id] : []), ...arrays]);
  }
}

/** The run of a seq2seq model. */
export function seq2seqRun<Tokenizer extends Seq2SeqTokenizer>(
  backend: Backend,
  data: PairData<Sources, Tokenizer>,
  settings: PairSettings,
  division?: Division,
): PairRun<Tokenizer, Seq2Seq> {
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
  const asked = preset === "listen" ? "preset listen" : stackFrames > 1 ? "stackFrames" : "pyramidLayers";
  throw new OptionError(`${asked}: expected .wav or .npy files, got texts.`, "leave it out");
}

/** The settings that make the model. */
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
