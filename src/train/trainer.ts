import type { Backend } from "../backend/backend.js";
import { SeqloomError } from "../errors.js";
import type { Layer } from "../layers/layer.js";
import { clipFactor, gradientNorm } from "../optim/clip.js";
import type { Optimizer } from "../optim/optimizer.js";
import { type ScheduleName, schedules } from "../optim/schedule.js";
import type { BatchSource } from "./batches.js";

/** What can be trained: a loss, and its gradient. */
export interface Trainable<Batch> extends Layer {
  /** The mean loss in nats per token. */
  forward(batch: Batch): number;
  /** Adds the gradient of that loss to the gradients of all parameters. */
  backward(): void;
}

export interface TrainOptions<Result> {
  readonly epochs: number;
  /** The longest gradient that is not shortened. @default Infinity */
  readonly clip?: number;
  /** @default "constant" */
  readonly schedule?: ScheduleName;
  /** Run after each epoch; what it returns is in the `evaluation` report. */
  readonly evaluate?: () => Result;
  /** Updates between two `step` reports. @default 20 */
  readonly reportEvery?: number;
  /** Ends the run before the next update; there is no `done` report then. */
  readonly signal?: AbortSignal;
}

export interface StepReport {
  readonly kind: "step";
  readonly epoch: number;
  readonly update: number;
  /** Of how many updates. */
  readonly updates: number;
  /** Mean loss since the last report, nats per token. */
  readonly loss: number;
  /** Length of the last gradient, before it was clipped. */
  readonly gradNorm: number;
  readonly tokensPerSecond: number;
  readonly msPerUpdate: number;
}

export type TrainReport<Result> =
  | StepReport
  | ({ readonly kind: "evaluation"; readonly epoch: number; readonly update: number } & Result)
  | { readonly kind: "done"; readonly updates: number; readonly seconds: number };

/** A loss that is not a finite number. */
export class DivergedError extends SeqloomError {
  override readonly name = "DivergedError";
}

/**
 * The training loop and nothing else: it prints nothing, opens no file, draws no random number.
 *
 * Every update is a function of the parameters, the optimizer's state and `updates`, so setting these three to what they
 * were takes training up again with the same bits.
 */
export class Trainer<Batch> {
  /** Updates done so far. */
  updates = 0;
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
   * @throws DivergedError for a loss that is not finite; the parameters are then those of the update before
   */
  async *run<Result extends object>(
    source: BatchSource<Batch>,
    options: TrainOptions<Result>,
  ): AsyncGenerator<TrainReport<Result>, void> {
    const {
      epochs,
      clip = Number.POSITIVE_INFINITY,
      schedule = "constant",
      evaluate,
      reportEvery = 20,
      signal,
    } = options;
    const total = epochs * source.perEpoch;
    const baseRate = this.optimizer.rate;
    const started = this.#clock();
    let [since, lossSum, count, breath] = [started, 0, 0, started];
    try {
      while (this.updates < total && !signal?.aborted) {
        const epoch = Math.floor(this.updates / source.perEpoch) + 1;
        const index = this.updates % source.perEpoch;
        this.optimizer.rate = baseRate * schedules[schedule](this.updates / total);
        const { loss, gradNorm } = this.#update(source.batch(epoch, index), clip);
        lossSum += loss;
        count++;
        const now = this.#clock();
        const ends = index + 1 === source.perEpoch;
        if (count === reportEvery || ends) {
          const msPerUpdate = (now - since) / count;
          const tokensPerSecond = (source.tokensPerBatch * 1000) / msPerUpdate;
          const progress = { epoch, update: this.updates, updates: total };
          yield { kind: "step", ...progress, loss: lossSum / count, gradNorm, tokensPerSecond, msPerUpdate };
          [since, lossSum, count] = [this.#clock(), 0, 0];
        }
        if (ends && evaluate) {
          yield { kind: "evaluation", epoch, update: this.updates, ...evaluate() };
          since = this.#clock();
        }
        if (this.#clock() - breath > 40) {
          await macrotask();
          breath = this.#clock();
        }
      }
    } finally {
      this.optimizer.rate = baseRate;
    }
    if (signal?.aborted) return;
    yield { kind: "done", updates: this.updates, seconds: (this.#clock() - started) / 1000 };
  }

  /** One update by one batch. */
  #update(batch: Batch, clip: number): { loss: number; gradNorm: number } {
    const { params } = this.#model;
    for (const { grad } of params) grad.data.fill(0);
    const loss = this.#model.forward(batch);
    this.#model.backward();
    const gradNorm = gradientNorm(this.#backend, params);
    if (!Number.isFinite(loss) || !Number.isFinite(gradNorm))
      throw new DivergedError(
        `Update ${this.updates + 1}: expected a finite loss and gradient, got ${loss} and ${gradNorm}.`,
        "lower the learning rate or the gradient clip",
      );
    this.optimizer.step(clipFactor(gradNorm, clip), ++this.updates);
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
