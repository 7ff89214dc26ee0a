import type { Backend } from "../engine/backend/backend.js";
import { SeqloomError } from "../engine/errors.js";
import type { Phase } from "../engine/layers/dropout.js";
import type { Layer } from "../engine/layers/layer.js";
import type { Optimizer } from "../engine/optim/optimizer.js";
import { clipFactor, gradientNorm, type ScheduleName, schedules } from "../engine/optim/optimizer.js";
import type { BatchSource } from "./batches.js";

/** A model that can be trained: a loss, and its gradient. */
export interface Trainable<Batch> extends Layer {
  /** The mean loss in nats per token. */
  forward(batch: Batch): number;
  /** Adds the gradient of that loss to the gradients of all parameters. */
  backward(): void;
  /** For layers that behave differently while training. */
  readonly phase?: Phase;
  /** Called before an epoch's first batch. */
  beginEpoch?(): void;
}

export interface TrainOptions<Result> {
  readonly epochs: number;
  /** The largest L2 norm of the gradient; a longer one is scaled down to it. @default Infinity */
  readonly gradClip?: number;
  /** @default "constant" */
  readonly lrSchedule?: ScheduleName;
  /** Steps in which the learning rate rises in a line from 0. @default 0 */
  readonly warmupSteps?: number;
  /** Steps after which training ends, whatever `epochs` says. @default Infinity */
  readonly maxSteps?: number | undefined;
  /** The learning rate is divided by this after an epoch whose evaluation is no better than the best. @default 1 */
  readonly lrDecay?: number;
  /** Epochs in a row without a better evaluation after which training ends. @default Infinity */
  readonly patience?: number | undefined;
  /** Run after each epoch; what it returns is in the `evaluation` report. A lower loss is better. */
  readonly evaluate?: () => Result;
  /** Steps between two `step` reports. @default 20 */
  readonly reportEvery?: number;
  /** Ends the run before the next step; there is no `done` report then. */
  readonly signal?: AbortSignal;
}

export interface StepReport {
  readonly kind: "step";
  readonly epoch: number;
  readonly step: number;
  /** Of how many steps. */
  readonly steps: number;
  /** Mean loss since the last report, nats per token. */
  readonly loss: number;
  /** Length of the last gradient, before it was clipped. */
  readonly gradNorm: number;
  readonly tokensPerSecond: number;
  readonly msPerStep: number;
}

export type EvaluationReport<Result> = Result & {
  readonly kind: "evaluation";
  readonly epoch: number;
  readonly step: number;
  /** True if the loss is lower than in all evaluations before. */
  readonly improved: boolean;
};

/** The state that the evaluations so far decide. */
export interface Progress {
  /** The lowest loss; null before the first evaluation. */
  best: number | null;
  /** Evaluations since then. */
  sinceBest: number;
  /** The number by which the learning rate has been divided. */
  divisor: number;
}

export type TrainReport<Result> =
  | StepReport
  | EvaluationReport<Result>
  | { readonly kind: "done"; readonly steps: number; readonly seconds: number };

/** A loss that is not a finite number. */
export class DivergedError extends SeqloomError {
  override readonly name = "DivergedError";
}

/**
 * The training loop and nothing else: it prints nothing, opens no file, draws no random number.
 *
 * Every step is a function of the parameters, the optimizer's state, `steps`, `progress` and the state that the model keeps
 * from batch to batch, so restoring these continues the training in the same bits.
 */
export class Trainer<Batch> {
  /** Steps done so far. */
  steps = 0;
  progress: Progress = { best: null, sinceBest: 0, divisor: 1 };
  readonly optimizer: Optimizer;
  readonly #backend: Backend;
  readonly #model: Trainable<Batch>;
  readonly #clock: () => number;

  /** @param clock milliseconds @default performance.now */
  constructor(backend: Backend, model: Trainable<Batch>, optimizer: Optimizer, clock = () => performance.now()) {
    this.#backend = backend;
    this.#model = model;
    this.optimizer = optimizer;
    this.#clock = clock;
  }

  /**
   * Trains up to the end of epoch `epochs`, handing back a report now and then; leave the `for` loop to stop early.
   * @throws DivergedError for a loss that is not finite; the parameters are then those of the step before
   */
  async *run<Result extends { readonly loss: number }>(
    source: BatchSource<Batch>,
    options: TrainOptions<Result>,
  ): AsyncGenerator<TrainReport<Result>, void> {
    const { evaluate, reportEvery = 20, signal, patience = Number.POSITIVE_INFINITY } = options;
    const total = Math.min(options.epochs * source.perEpoch, options.maxSteps ?? Number.POSITIVE_INFINITY);
    const baseRate = this.optimizer.learningRate;
    const started = this.#clock();
    let [since, lossSum, count, breath] = [started, 0, 0, started];
    try {
      while (this.steps < total && this.progress.sinceBest < patience && !signal?.aborted) {
        const epoch = Math.floor(this.steps / source.perEpoch) + 1;
        const index = this.steps % source.perEpoch;
        this.optimizer.learningRate = baseRate * this.#share(total, options);
        if (index === 0) this.#model.beginEpoch?.();
        const { loss, gradNorm } = this.#step(source.batch(epoch, index), total, options.gradClip);
        lossSum += loss;
        count++;
        const now = this.#clock();
        const ends = index + 1 === source.perEpoch || this.steps === total;
        if (count === reportEvery || ends) {
          const msPerStep = (now - since) / count;
          const tokensPerSecond = (source.tokensPerBatch * 1000) / msPerStep;
          const progress = { epoch, step: this.steps, steps: total };
          yield { kind: "step", ...progress, loss: lossSum / count, gradNorm, tokensPerSecond, msPerStep };
          [since, lossSum, count] = [this.#clock(), 0, 0];
        }
        if (ends && evaluate) {
          const result = evaluate();
          const improved = this.#judge(result.loss, options.lrDecay ?? 1);
          yield { kind: "evaluation", epoch, step: this.steps, ...result, improved };
          since = this.#clock();
        }
        if (this.#clock() - breath > 40) {
          await macrotask();
          breath = this.#clock();
        }
      }
    } finally {
      this.optimizer.learningRate = baseRate;
    }
    if (signal?.aborted) return;
    yield { kind: "done", steps: this.steps, seconds: (this.#clock() - started) / 1000 };
  }

  /** The share of the learning rate that the next step uses. */
  #share(total: number, { lrSchedule = "constant", warmupSteps = 0 }: TrainOptions<unknown>): number {
    const rise = Math.min(1, (this.steps + 1) / (warmupSteps + 1));
    return (rise * schedules[lrSchedule](this.steps / total)) / this.progress.divisor;
  }

  /** Takes note of an evaluation. @returns whether it is the best so far */
  #judge(loss: number, lrDecay: number): boolean {
    const { best, sinceBest, divisor } = this.progress;
    const improved = best === null || loss < best;
    this.progress = improved
      ? { best: loss, sinceBest: 0, divisor }
      : { best, sinceBest: sinceBest + 1, divisor: divisor * lrDecay };
    return improved;
  }

  /** One step by one batch. */
  #step(batch: Batch, total: number, gradClip = Number.POSITIVE_INFINITY): { loss: number; gradNorm: number } {
    const { params, phase } = this.#model;
    if (phase) Object.assign(phase, { training: true, step: this.steps, done: this.steps / total });
    const loss = this.#model.forward(batch);
    this.#model.backward();
    if (phase) phase.training = false;
    const gradNorm = gradientNorm(this.#backend, params);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
      throw new DivergedError(
        `Step ${this.steps + 1}: expected a finite loss and gradient, got ${loss} and ${gradNorm}.`,
        "lower the learning rate or the gradient clip",
      );
    this.optimizer.step(clipFactor(gradNorm, gradClip), ++this.steps);
    return { loss, gradNorm };
  }
}

/** A whole turn of the event loop, so that timers, messages and Ctrl-C arrive. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === "function") setImmediate(resolve);
    else {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    }
  });
}
