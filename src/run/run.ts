import { existsSync, rmSync } from "node:fs";
import * as z from "zod/mini";
import type { Backend } from "../engine/backend/backend.js";
import { DataError } from "../engine/errors.js";
import type { OptimizerName } from "../engine/optim/optimizer.js";
import { optimizers } from "../engine/optim/optimizer.js";
import type { Tensor } from "../engine/tensor.js";
import {
  Figure,
  loadArrays,
  type ModelFile,
  parseJSON,
  readModel,
  type SavedModel,
  writeModel,
} from "../files/model-file.js";
import { readBytes, writeWhole } from "../node/files.js";
import type { BatchSource } from "./batches.js";
import { DivergedError, type Trainable, Trainer, type TrainOptions, type TrainReport } from "./trainer.js";

/** How a run went so far: what the report draws. A checkpoint holds it. */
export const History = z.object({
  losses: z.array(z.object({ step: z.number(), loss: z.number() })),
  /** The numbers of each evaluation by name, `epoch` and `loss` among them. */
  evaluations: z.array(z.record(z.string(), Figure)),
  /** What a language model wrote after each epoch. */
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

/** What every kind of run is given. */
export interface RunOptions extends Omit<TrainOptions<never>, "evaluate" | "signal"> {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
}

export type RunReport<Result> =
  | TrainReport<Result>
  | { readonly kind: "saved"; readonly path: string; readonly why: "checkpoint" | "best" | "end" };

/** What ends a run early, and where it saves. */
export interface TrainTargets {
  readonly signal?: AbortSignal;
  readonly checkpoint?: string;
  readonly out?: string;
  /** Steps between two checkpoints inside an epoch. @default only after epochs */
  readonly saveEvery?: number;
}

interface Named {
  readonly name: string;
  readonly value: Tensor;
}

/** A training run with its checkpoints, of any kind of model. */
export abstract class Run<Batch, Result extends { readonly loss: number }> {
  history: History = { losses: [], evaluations: [], texts: [], seconds: 0 };
  /** The last evaluation. */
  evaluation: Result | undefined;
  protected readonly backend: Backend;
  readonly #options: RunOptions;
  readonly #model: Trainable<Batch>;
  readonly #trainer: Trainer<Batch>;
  #hash: string | undefined;

  constructor(backend: Backend, model: Trainable<Batch>, options: RunOptions) {
    this.backend = backend;
    this.#options = options;
    this.#model = model;
    this.#trainer = new Trainer(
      backend,
      model,
      new optimizers[options.optimizer](backend, model.params, options.learningRate),
    );
  }

  /** What goes into the model file. */
  abstract readonly saved: SavedModel;
  /** Whether the model that is kept is the one with the best evaluation, or the last. */
  protected abstract readonly keepsBest: boolean;
  protected abstract source(): BatchSource<Batch>;
  /** Scores the model. */
  protected abstract score(): Result;
  /** The numbers of a score that the history keeps. */
  protected abstract figures(result: Result): Record<string, number>;
  /** A hash of the data: a checkpoint goes on only with the same. */
  protected abstract hashData(): string;

  /** The state that the model keeps from batch to batch besides its parameters. */
  protected state(): readonly Named[] {
    return [];
  }

  /** Restores what a checkpoint says of it. */
  protected restoreState(_file: ModelFile): void {}

  /** Called when training ends well, with the model that is kept in place. */
  protected finished(): void {}

  /**
   * Trains to the end, or until `signal`. Saves at `checkpoint` after every epoch, every `saveEvery` steps and when
   * interrupted; at `out`, in its place, when all is done, and before that each time the best is what is kept.
   * @throws DivergedError for a loss that is not finite, in training or after it; the last checkpoint then stays
   */
  async *train(targets: TrainTargets = {}): AsyncGenerator<RunReport<Result>, void> {
    const { signal, checkpoint, out, saveEvery = Number.POSITIVE_INFINITY } = targets;
    const source = this.source();
    const before = this.history.seconds;
    const started = performance.now();
    let lastSaved = this.steps;
    const options = { ...this.#options, evaluate: () => this.evaluate(), ...(signal && { signal }) };
    for await (const report of this.#trainer.run(source, options)) {
      this.history.seconds = before + (performance.now() - started) / 1000;
      if (report.kind === "step") this.history.losses.push({ step: report.step, loss: report.loss });
      if (report.kind === "evaluation") {
        const figures = this.figures(report);
        for (const [name, value] of Object.entries(figures)) expectFinite(report.epoch, name, value);
        this.history.evaluations.push({ epoch: report.epoch, step: report.step, ...figures });
      }
      if (report.kind === "done" && out) yield this.#finish(out, checkpoint);
      yield report;
      if (report.kind === "evaluation" && report.improved && this.keepsBest && out) yield this.#saveModel(out, "best");
      // The step that ends an epoch is followed by its evaluation, which belongs to the checkpoint.
      const isDue =
        report.kind === "evaluation" ||
        (report.kind === "step" && report.step - lastSaved >= saveEvery && report.step % source.perEpoch !== 0);
      if (isDue && checkpoint) {
        yield this.#save(checkpoint);
        lastSaved = this.steps;
      }
    }
    if (signal?.aborted && checkpoint) yield this.#save(checkpoint);
  }

  get steps(): number {
    return this.#trainer.steps;
  }

  /** How many numbers the model has learned. */
  get parameters(): number {
    return this.#model.params.reduce((sum, { value }) => sum + value.size, 0);
  }

  /** What computes: "native (AVX-512)". */
  get machine(): string {
    return `${this.backend.name} (${this.backend.instructionSet})`;
  }

  evaluate(): Result {
    this.evaluation = this.score();
    return this.evaluation;
  }

  /** Restores the run of a checkpoint. @throws DataError where the data or the options are not those it was made with */
  resume(path: string, out?: string): void {
    const hint = "start the training without --resume";
    if (!existsSync(path)) throw new DataError(`${path}: expected a checkpoint to resume, got no such file.`, hint);
    const file = readModel(path, readBytes(path, "a checkpoint"));
    if (file.version < 2 && file.metadata["checkpoint"] !== undefined)
      throw new DataError(`${path}: expected a checkpoint of this seqloom, got one of an older version, 0.1.0.`, hint);
    const parsed = z.safeParse(Checkpoint, parseJSON(file.metadata["checkpoint"]));
    if (!parsed.success) throw new DataError(`${path}: expected a checkpoint, got a model file without one.`);
    const { step, progress, options, dataHash, history } = parsed.data;
    expectSame(path, options, this.#asked);
    if (dataHash !== this.#dataHash) {
      expectSame(path, file.training?.options, this.saved.training?.options); // what makes or divides the data
      throw new DataError(
        `${path}: expected the data with which the run began, got other data.`,
        "bring back the data file",
      );
    }
    if (this.keepsBest && progress.best !== null && out && !existsSync(out))
      throw new DataError(`${out}: expected the best model so far, got no such file.`, hint);
    loadArrays(file, [...this.#model.params, ...this.#trainer.optimizer.state]);
    this.restoreState(file);
    Object.assign(this.#trainer, { steps: step, progress });
    this.history = history;
  }

  /** What a resumed run must not change. */
  get #asked(): Record<string, unknown> {
    return { ...this.#options, precision: this.backend.precision };
  }

  get #dataHash(): string {
    this.#hash ??= this.hashData();
    return this.#hash;
  }

  #save(path: string): RunReport<Result> {
    const checkpoint: z.infer<typeof Checkpoint> = {
      step: this.steps,
      progress: this.#trainer.progress,
      options: this.#asked,
      dataHash: this.#dataHash,
      history: this.history,
    };
    const tensors = [...this.#trainer.optimizer.state, ...this.state()].map(
      ({ name, value }) => [name, { shape: value.shape, data: value.data }] as const,
    );
    writeWhole(path, writeModel(this.saved, { metadata: { checkpoint: JSON.stringify(checkpoint) }, tensors }));
    return { kind: "saved", path, why: "checkpoint" };
  }

  #saveModel(path: string, why: "best" | "end"): RunReport<Result> {
    writeWhole(path, writeModel(this.saved));
    return { kind: "saved", path, why };
  }

  /** Writes the finished model and removes its checkpoint. */
  #finish(path: string, checkpoint: string | undefined): RunReport<Result> {
    if (this.keepsBest && this.#trainer.progress.best !== null)
      loadArrays(readModel(path, readBytes(path, "the best model")), this.#model.params);
    if (this.keepsBest || !this.evaluation) this.evaluate(); // the scores saved are those of the model saved
    this.finished();
    const saved = this.#saveModel(path, "end");
    if (checkpoint) rmSync(checkpoint, { force: true });
    return saved;
  }
}

type Asked = Readonly<Record<string, unknown>>;

/** @throws DataError naming the first option that is another than when the run began */
function expectSame(path: string, began: Asked = {}, now: Asked = {}): void {
  for (const name of new Set([...Object.keys(began), ...Object.keys(now)]))
    if (began[name] !== now[name])
      throw new DataError(
        `${path}: expected ${name} ${began[name] ?? "left out"}, with which the run began, got ${now[name] ?? "none"}.`,
      );
}

function expectFinite(epoch: number, figure: string, value: number): void {
  if (!Number.isFinite(value))
    throw new DivergedError(
      `Epoch ${epoch}: expected a finite ${figure} in evaluation, got ${value}.`,
      "lower the learning rate or the gradient clip",
    );
}
