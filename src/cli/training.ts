import { createHash } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import * as z from "zod/mini";
import type { Backend } from "../backend/backend.js";
import type { PairData, PairSet } from "../data/pairs.js";
import { DataError } from "../errors.js";
import {
  loadArrays,
  parseJSON,
  readModel,
  type SavedModel,
  type TrainingRecord,
  writeModel,
} from "../files/model-file.js";
import { type PairBatch, Seq2Seq } from "../models/seq2seq.js";
import { readBytes, writeWhole } from "../node/files.js";
import { optimizers } from "../optim/optimizer.js";
import { PairBatches } from "../train/batches.js";
import { evaluatePairs, type PairEvaluation } from "../train/evaluate.js";
import { PairOptions } from "../train/pair-options.js";
import { DivergedError, Trainer, type TrainReport } from "../train/trainer.js";

/** How a run went so far: what the report draws. A checkpoint holds it. */
export const History = z.object({
  losses: z.array(z.object({ update: z.number(), loss: z.number() })),
  evaluations: z.array(z.object({ epoch: z.number(), exactMatch: z.number(), loss: z.number() })),
  seconds: z.number(),
});
export type History = z.infer<typeof History>;

const Checkpoint = z.object({
  update: z.int().check(z.minimum(0)),
  options: PairOptions, // an option that came later is read as its default
  dataHash: z.string(),
  history: History,
});

export type PairReport =
  | TrainReport<PairEvaluation & { split: "test" }>
  | { kind: "saved"; path: string; why: "checkpoint" | "end" };

/** What ends a run early, and where it saves. */
export interface TrainTargets {
  readonly signal?: AbortSignal;
  readonly checkpoint?: string;
  readonly out?: string;
}

/** A seq2seq training run with its checkpoints. */
export class PairRun {
  readonly model: Seq2Seq;
  history: History = { losses: [], evaluations: [], seconds: 0 };
  /** The last evaluation. */
  evaluation: PairEvaluation | undefined;
  readonly #backend: Backend;
  readonly #data: PairData;
  readonly #options: PairOptions;
  readonly #trainer: Trainer<PairBatch>;

  constructor(backend: Backend, data: PairData, options: PairOptions) {
    this.#backend = backend;
    this.#data = data;
    this.#options = options;
    const { model: decoder, cell, reverse, passCell, embedding, hidden, seed, init } = options;
    const shape = { decoder, cell, reverse, passCell, embedding, hidden };
    this.model = Seq2Seq.for(backend, data, shape).initialize(seed, init);
    const optimizer = new optimizers[options.optimizer](backend, this.model.params, options.rate);
    this.#trainer = new Trainer(backend, this.model, optimizer);
  }

  /**
   * Trains to the end, or until `signal`. Saves at `checkpoint` after every epoch and when interrupted; at `out`, in its
   * place, when all is done.
   * @throws DivergedError for a loss that is not finite, in training or after it; the checkpoint is then of the epoch before
   */
  async *train({ signal, checkpoint, out }: TrainTargets = {}): AsyncGenerator<PairReport, void> {
    const { epochs, clip, schedule, batch, seed } = this.#options;
    const source = new PairBatches(this.#backend, this.#data.train, this.#data.tokenizer, { batch, seed });
    const before = this.history.seconds;
    const started = performance.now();
    const evaluate = () => ({ split: "test" as const, ...this.evaluate() });
    for await (const report of this.#trainer.run(source, {
      epochs,
      clip,
      schedule,
      evaluate,
      ...(signal && { signal }),
    })) {
      this.history.seconds = before + (performance.now() - started) / 1000;
      if (report.kind === "step") this.history.losses.push({ update: report.update, loss: report.loss });
      if (report.kind === "evaluation") {
        const { epoch, exactMatch, loss } = report;
        expectFinite(epoch, loss);
        this.history.evaluations.push({ epoch, exactMatch, loss });
      }
      if (report.kind === "done" && out) yield this.#finish(out, checkpoint);
      yield report;
      if (report.kind === "evaluation" && checkpoint) yield this.#save(checkpoint);
    }
    if (signal?.aborted && checkpoint) yield this.#save(checkpoint);
  }

  /** How many numbers the model has learned. */
  get parameters(): number {
    return this.model.params.reduce((sum, { value }) => sum + value.size, 0);
  }

  /** What computes: "native (AVX-512)". */
  get machine(): string {
    return `${this.#backend.name} (${this.#backend.instructionSet})`;
  }

  /** Answers the test questions. */
  evaluate(): PairEvaluation {
    this.evaluation = evaluatePairs(this.#backend, this.model, this.#data.tokenizer, this.#data.test);
    return this.evaluation;
  }

  /** What the model file says of the run. */
  get saved(): SavedModel {
    const { seed, epochs, ...options } = this.#options;
    const scores: Record<string, number> = {};
    if (this.evaluation) scores["exactMatch"] = this.evaluation.exactMatch;
    const training: TrainingRecord = {
      ...{ data: this.#data.name, seed, epochs, updates: this.#trainer.updates, options, scores },
    };
    return { model: this.model, tokenizer: this.#data.tokenizer, training };
  }

  /** Takes up the run of a checkpoint. @throws DataError where the data or the options are not those it was made with */
  resume(path: string): void {
    if (!existsSync(path))
      throw new DataError(
        `${path}: expected a checkpoint to resume, got no such file.`,
        "start the training without --resume",
      );
    const file = readModel(path, readBytes(path, "a checkpoint"));
    const parsed = z.safeParse(Checkpoint, parseJSON(file.metadata["checkpoint"]));
    if (!parsed.success) throw new DataError(`${path}: expected a checkpoint, got a model file without one.`);
    const { update, options, dataHash, history } = parsed.data;
    const began: Readonly<Record<string, unknown>> = options;
    for (const [name, value] of Object.entries(this.#options))
      if (began[name] !== value)
        throw new DataError(`${path}: expected ${name} ${began[name]}, with which the run began, got ${value}.`);
    if (dataHash !== hashData(this.#data))
      throw new DataError(
        `${path}: expected the data with which the run began, got other data.`,
        "bring back the data file",
      );
    loadArrays(file, [...this.model.params, ...this.#trainer.optimizer.state]);
    this.#trainer.updates = update;
    this.history = history;
  }

  #save(path: string): PairReport {
    const checkpoint: z.infer<typeof Checkpoint> = {
      update: this.#trainer.updates,
      options: this.#options,
      dataHash: hashData(this.#data),
      history: this.history,
    };
    const tensors = this.#trainer.optimizer.state.map(
      ({ name, value }) => [name, { shape: value.shape, data: value.data }] as const,
    );
    writeWhole(path, writeModel(this.saved, { metadata: { checkpoint: JSON.stringify(checkpoint) }, tensors }));
    return { kind: "saved", path, why: "checkpoint" };
  }

  /** Writes the finished model and removes its checkpoint. */
  #finish(path: string, checkpoint: string | undefined): PairReport {
    if (!this.evaluation) this.evaluate();
    writeWhole(path, writeModel(this.saved));
    if (checkpoint) rmSync(checkpoint, { force: true });
    return { kind: "saved", path, why: "end" };
  }
}

function expectFinite(epoch: number, loss: number): void {
  if (!Number.isFinite(loss))
    throw new DivergedError(`Epoch ${epoch}: expected a finite test loss, got ${loss}.`, "lower the learning rate");
}

function hashData({ tokenizer, train, test }: PairData): string {
  const hash = createHash("sha256").update(JSON.stringify(tokenizer));
  for (const { sources, targets } of [train, test] satisfies PairSet[])
    for (const ids of [sources, targets]) hash.update(ids);
  return hash.digest("hex");
}
