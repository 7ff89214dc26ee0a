import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { DataError } from "../engine/errors.js";
import { type OptimizerName, optimizers } from "../engine/optim/optimizer.js";
import { sha256 } from "../engine/sha256.js";
import type { Tensor } from "../engine/tensor.js";
import {
  Figure,
  loadArrays,
  type ModelContent,
  type ModelFile,
  parseJSON,
  readModelFile,
  writeModel,
} from "../files/model-file.js";
import type { BatchSource } from "./batches.js";
import { expectFile, type RunFiles, restart, type Storage } from "./storage.js";
import {
  DivergedError,
  type EvaluationReport,
  type Trainable,
  Trainer,
  type TrainOptions,
  type TrainReport,
} from "./trainer.js";

/** The course of a run, from which its report is drawn. A checkpoint holds it. */
export const History = z.object({
  losses: z.array(z.object({ step: z.number(), loss: z.number() })),
  /** The numbers of each evaluation by name, `epoch` and `loss` among them. */
  evaluations: z.array(z.record(z.string(), Figure)),
  /** Samples that a language model wrote, one after each epoch. */
  texts: z.array(z.object({ title: z.string(), text: z.string() })),
  seconds: z.number(),
});
export type History = z.infer<typeof History>;

const Checkpoint = z.object({
  step: z.int().check(z.minimum(0)),
  progress: z.object({ best: z.nullable(z.number()), sinceBest: z.number(), divisor: z.number() }),
  options: z.record(z.string(), z.unknown()),
  dataHash: z.string(),
  history: History,
});

/** Options of every kind of run. */
export interface RunOptions extends Omit<TrainOptions<never>, "evaluate" | "signal" | "reportEvery"> {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
}

/** A file that was written: the event comes after the fact. */
export interface SavedEvent {
  readonly kind: "saved";
  readonly path: string;
  readonly why: "checkpoint" | "best" | "end";
}

export type RunEvent<Result> = TrainReport<Result> | SavedEvent;

export interface TrainTargets {
  /** @default nothing is saved */
  readonly files?: RunFiles | undefined;
  /** Ends the run before its next step; there is no `done` event then. */
  readonly signal?: AbortSignal;
  /** Steps between two checkpoints within an epoch. @default only after epochs */
  readonly saveEvery?: number | undefined;
  /** Steps between two `step` events. @default 20 */
  readonly reportEvery?: number;
}

export interface NamedTensor {
  readonly name: string;
  readonly value: Tensor;
}

/**
 * A training run of any kind of model, with its checkpoints. It evaluates and saves by itself, and then hands back an event
 * that says so: whoever drives it, a command line, a page or a program, only reads events.
 *
 *     const files = { storage: folderStorage("."), checkpoint: "checkpoint.safetensors", out: "model.safetensors" };
 *     await run.resume(files);
 *     for await (const event of run.train({ files })) console.log(event);
 */
export abstract class Run<Batch, Result extends { readonly loss: number }> {
  history: History = { losses: [], evaluations: [], texts: [], seconds: 0 };
  /** The last evaluation. */
  evaluation: Result | undefined;
  protected readonly backend: Backend;
  readonly #options: RunOptions;
  readonly #model: Trainable<Batch>;
  readonly #trainer: Trainer<Batch>;
  #hash: string | undefined;
  #perEpoch = 1;

  constructor(backend: Backend, model: Trainable<Batch>, options: RunOptions) {
    this.backend = backend;
    this.#options = options;
    this.#model = model;
    const optimizer = new optimizers[options.optimizer](backend, model.params, options.learningRate);
    this.#trainer = new Trainer(backend, model, optimizer);
  }

  /** The content of the model file. */
  abstract readonly saved: ModelContent;
  /** True where the model with the best evaluation is kept, false where the last one is. */
  abstract readonly keepsBest: boolean;
  protected abstract source(): BatchSource<Batch>;
  /** Scores the model. */
  protected abstract score(): Result;
  /** The numbers of a score that the history keeps. */
  protected abstract figures(result: Result): Record<string, number>;
  /** A hash of the data: a checkpoint is resumed only with the same data. */
  protected abstract hashData(hash: typeof sha256): string | Promise<string>;

  /** The state that the model takes from batch to batch, besides its parameters. */
  protected state(): readonly NamedTensor[] {
    return [];
  }

  /** Restores that state from a checkpoint. */
  protected restoreState(_file: ModelFile): void {}

  /** Called when training ends well, with the model that is kept in place. */
  protected finished(): void {}

  /**
   * Trains to the end, or until `signal`. Saves a checkpoint after every epoch, every `saveEvery` steps and when
   * interrupted; the best model so far where that is what is kept; and the model, in place of both, at the end.
   * @throws DivergedError for a loss that is not finite, in training or in evaluation; the last checkpoint then stays
   */
  async *train(targets: TrainTargets = {}): AsyncGenerator<RunEvent<Result>, void> {
    const { files, signal, saveEvery = Number.POSITIVE_INFINITY, reportEvery = 20 } = targets;
    const source = this.source();
    this.#perEpoch = source.perEpoch;
    const before = this.history.seconds;
    const started = performance.now();
    let lastSaved = this.steps;
    const options = { ...this.#options, reportEvery, evaluate: () => this.evaluate(), ...(signal && { signal }) };
    for await (const report of this.#trainer.run(source, options)) {
      this.history.seconds = before + (performance.now() - started) / 1000;
      const saved: SavedEvent[] = [];
      if (report.kind === "step") this.history.losses.push({ step: report.step, loss: report.loss });
      if (report.kind === "evaluation") {
        this.#note(report);
        if (report.improved && this.keepsBest && files?.out)
          saved.push(await this.#saveModel(files, files.out, "best"));
      }
      // The step that ends an epoch is followed by its evaluation, which belongs to the checkpoint.
      const isDue =
        report.kind === "evaluation" ||
        (report.kind === "step" && report.step - lastSaved >= saveEvery && report.step % source.perEpoch !== 0);
      if (isDue && files?.checkpoint) {
        saved.push(await this.#saveCheckpoint(files, files.checkpoint));
        lastSaved = this.steps;
      }
      if (report.kind === "done") yield* this.finish(files);
      yield report;
      yield* saved;
    }
    if (signal?.aborted && files?.checkpoint) yield this.#saveCheckpoint(files, files.checkpoint);
  }

  /**
   * Ends the run where it is, as `train` does at its end: restores the best model where that is what is kept, scores it,
   * saves it, and removes the checkpoint. For a run that was stopped and will not be resumed.
   * @param options test: scores the model on the test set, too
   */
  async *finish(files?: RunFiles, { test = true } = {}): AsyncGenerator<RunEvent<Result>, void> {
    const { best, sinceBest } = this.#trainer.progress;
    let improved = sinceBest === 0;
    if (this.steps > 0 && this.history.evaluations.at(-1)?.["step"] !== this.steps) {
      const result = this.evaluate();
      improved = best === null || result.loss < best;
      const place = { epoch: Math.ceil(this.steps / this.#perEpoch), step: this.steps };
      const report: EvaluationReport<Result> = { kind: "evaluation", ...place, ...result, improved };
      this.#note(report);
      yield report;
    }
    const isRestored = this.keepsBest && !improved && files?.out;
    if (isRestored)
      loadArrays(readModelFile(isRestored, await expectFile(files, isRestored, "the best model")), this.#model.params);
    if (isRestored || !this.evaluation) this.evaluate(); // the scores saved are those of the model saved
    if (test) this.finished();
    if (!files?.out) return;
    const saved = await this.#saveModel(files, files.out, "end");
    if (files.checkpoint) await files.storage.remove(files.checkpoint);
    yield saved;
  }

  get steps(): number {
    return this.#trainer.steps;
  }

  /** Number of values that the model has learned. */
  get parameters(): number {
    return this.#model.params.reduce((sum, { value }) => sum + value.size, 0);
  }

  /** The backend and its instruction set: "native (AVX-512)". */
  get machine(): string {
    return `${this.backend.name} (${this.backend.instructionSet})`;
  }

  evaluate(): Result {
    this.evaluation = this.score();
    return this.evaluation;
  }

  /**
   * Goes on from a checkpoint, if there is one: the run then ends in the same bits as one that was never interrupted.
   * @returns false where there is none
   * @throws DataError where the data or the options are not those that the checkpoint was made with
   */
  async resume(files: RunFiles): Promise<boolean> {
    const { storage, checkpoint: path = "", out } = files;
    const bytes = await storage.read(path);
    if (!bytes) return false;
    const file = readModelFile(path, bytes);
    if (file.version < 2 && file.metadata["checkpoint"] !== undefined)
      throw new DataError(
        `${path}: expected a checkpoint of this seqloom, got one of an older version, 0.1.0.`,
        restart,
      );
    const parsed = z.safeParse(Checkpoint, parseJSON(file.metadata["checkpoint"]));
    if (!parsed.success) throw new DataError(`${path}: expected a checkpoint, got a model file without one.`);
    const { step, progress, options, dataHash, history } = parsed.data;
    expectSame(path, options, this.#asked);
    if (dataHash !== (await this.#dataHash(storage))) {
      expectSame(path, file.training?.options, this.saved.training?.options); // they make or divide the data
      throw new DataError(
        `${path}: expected the data with which the run began, got other data.`,
        "bring back the data file",
      );
    }
    if (this.keepsBest && progress.best !== null && out) await expectFile(files, out, "the best model so far");
    loadArrays(file, [...this.#model.params, ...this.#trainer.optimizer.state]);
    this.restoreState(file);
    Object.assign(this.#trainer, { steps: step, progress });
    this.history = history;
    return true;
  }

  /** The options that a resumed run must not change. */
  get #asked(): Record<string, unknown> {
    return { ...this.#options, precision: this.backend.precision };
  }

  async #dataHash(storage: Storage): Promise<string> {
    this.#hash ??= await this.hashData(storage.sha256 ?? sha256);
    return this.#hash;
  }

  /** Adds an evaluation to the history. @throws DivergedError for a figure that is not finite */
  #note(report: EvaluationReport<Result>): void {
    const { epoch, step } = report;
    const figures = this.figures(report);
    for (const [name, value] of Object.entries(figures))
      if (!Number.isFinite(value))
        throw new DivergedError(
          `Epoch ${epoch}: expected a finite ${name} in evaluation, got ${value}.`,
          "lower the learning rate or the gradient clip",
        );
    this.history.evaluations.push({ epoch, step, ...figures });
  }

  async #saveCheckpoint({ storage }: RunFiles, path: string): Promise<SavedEvent> {
    const checkpoint: z.infer<typeof Checkpoint> = {
      step: this.steps,
      progress: this.#trainer.progress,
      options: this.#asked,
      dataHash: await this.#dataHash(storage),
      history: this.history,
    };
    const tensors = [...this.#trainer.optimizer.state, ...this.state()].map(
      ({ name, value }) => [name, { shape: value.shape, data: value.data }] as const,
    );
    await storage.write(
      path,
      writeModel(this.saved, { metadata: { checkpoint: JSON.stringify(checkpoint) }, tensors }),
    );
    return { kind: "saved", path, why: "checkpoint" };
  }

  async #saveModel({ storage }: RunFiles, path: string, why: "best" | "end"): Promise<SavedEvent> {
    await storage.write(path, writeModel(this.saved));
    return { kind: "saved", path, why };
  }
}

/** @throws DataError naming the first option whose value is not the one that the run began with */
function expectSame(path: string, began: Record<string, unknown> = {}, now: Record<string, unknown> = {}): void {
  for (const name of new Set([...Object.keys(began), ...Object.keys(now)]))
    if (began[name] !== now[name])
      throw new DataError(
        `${path}: expected ${name} ${began[name] ?? "left out"}, with which the run began, got ${now[name] ?? "none"}.`,
      );
}
