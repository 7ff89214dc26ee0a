import { type Backend, loadArrays, readModel, writeModel } from "seqloom";
import type { Action, RunRecord } from "../messages.js";
import { GrowingCurve, GrowingEvaluations } from "./curve.js";
import type { Job, Scores } from "./job.js";
import { problemOf } from "./problem.js";

/** Milliseconds between two reports to the page, and between two times that the model is kept. */
const REPORT_EVERY = 250;
const KEEP_EVERY = 2000;
/** Milliseconds between two that are kept before there is a best one. */
const KEEP_FIRST = 10_000;

export interface TrainingEvents {
  /** The record has changed. */
  changed(record: RunRecord): void;
  /** The model is worth keeping. */
  keep(record: RunRecord, model: Uint8Array): void;
}

/** A run that can be held, taken on step by step, and ended. What it has to say is in its record. */
export class Training {
  #record: RunRecord;
  readonly #job: Job;
  readonly #events: TrainingEvents;
  readonly #losses = new GrowingCurve();
  readonly #evaluations = new GrowingEvaluations();
  readonly #abort = new AbortController();
  /** Updates that may be made before the next wait. */
  #allowed = Number.POSITIVE_INFINITY;
  #wake: () => void = () => {};
  #best: { readonly loss: number; readonly bytes: Uint8Array } | undefined;
  #speed = { since: 0, tokens: 0 };
  /** Resolves when the run is over. */
  ended: Promise<void> = Promise.resolve();

  constructor(
    record: RunRecord,
    readonly backend: Backend,
    job: Job,
    events: TrainingEvents,
  ) {
    this.#record = record;
    this.#job = job;
    this.#events = events;
  }

  get id(): string {
    return this.#record.id;
  }

  get record(): RunRecord {
    return { ...this.#record, losses: this.#losses.curve, evaluations: this.#evaluations.list };
  }

  /** The model as it is now, to be asked between two steps. */
  get saved() {
    const { step } = this.#record;
    const { exactMatch, perplexity } = this.#evaluations.last ?? {};
    const scores =
      exactMatch !== undefined ? { exactMatch } : perplexity !== undefined ? { validation: perplexity } : {};
    return this.#job.saved({ steps: step, scores });
  }

  act(action: Action): void {
    if (this.#isOver || this.#abort.signal.aborted) return;
    if (action === "stop") this.#abort.abort();
    else this.#allowed = { goOn: Number.POSITIVE_INFINITY, pause: 0, step: 1 }[action];
    if (action === "pause") this.#publish({ status: "paused", tokensPerSecond: 0 });
    if (action === "goOn") this.#publish({ status: "training" });
    this.#wake();
  }

  /** Trains to the end, or until it is stopped; a failure is in the record. */
  start(): void {
    this.ended = this.#run();
  }

  /** The model can be had from storage from now on. */
  noteKept(): void {
    this.#record = { ...this.#record, hasModel: true };
  }

  #isOver = false;

  async #run(): Promise<void> {
    try {
      this.#publish({ status: "training" });
      await this.#train();
      this.#isOver = true;
      this.#finish();
    } catch (error) {
      this.#isOver = true;
      this.#publish({ status: "failed", problem: problemOf(error), tokensPerSecond: 0 });
    }
  }

  async #train(): Promise<void> {
    let [shown, reported, kept] = [0, 0, Number.NEGATIVE_INFINITY];
    const evaluate = (): Scores => this.#job.score();
    for await (const report of this.#job.train({ signal: this.#abort.signal, reportEvery: 1, evaluate })) {
      const now = performance.now();
      if (report.kind === "step") {
        this.#losses.add(report.step, report.loss);
        const { epoch, step, steps, msPerStep, tokensPerSecond } = report;
        this.#speed.since += msPerStep;
        this.#speed.tokens += (tokensPerSecond * msPerStep) / 1000;
        const seconds = this.#record.seconds + msPerStep / 1000;
        this.#record = { ...this.#record, epoch, step, steps, seconds };
        this.#allowed--;
      }
      if (report.kind === "evaluation" && this.#evaluated(report) && now - kept > KEEP_EVERY) {
        this.#events.keep(this.record, writeModel(this.saved));
        kept = now;
      }
      // From its first step on a run is there after a reload; one whose best is kept, until there is a best.
      if (report.kind === "step" && !this.#best && now - kept > KEEP_FIRST) {
        this.#events.keep(this.record, writeModel(this.saved));
        kept = now;
      }
      const isHeld = this.#allowed <= 0;
      if (now - shown > this.#job.showEvery || isHeld) {
        this.#record = { ...this.#record, ...this.#job.show() };
        shown = performance.now();
      }
      if (now - reported > REPORT_EVERY || isHeld) {
        this.#publish({ tokensPerSecond: this.#takeSpeed() });
        reported = performance.now();
      }
      await this.#whileHeld();
    }
  }

  /** Resolves when the next step may be made. */
  async #whileHeld(): Promise<void> {
    if (this.#allowed > 0) return;
    this.#publish({ status: "paused", tokensPerSecond: 0 });
    this.#events.keep(this.record, writeModel(this.saved));
    while (this.#allowed <= 0 && !this.#abort.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#speed = { since: 0, tokens: 0 };
  }

  /** Takes note of an evaluation. @returns whether the model is now the one to keep */
  #evaluated({
    epoch,
    step,
    improved,
    ...scores
  }: Scores & { epoch: number; step: number; improved: boolean }): boolean {
    const { loss, perplexity, exactMatch } = scores;
    this.#evaluations.add({ epoch, step, loss, perplexity, exactMatch });
    if (improved && this.#job.keepsBest) this.#best = { loss, bytes: writeModel(this.saved) };
    return improved || !this.#job.keepsBest;
  }

  /** Brings the best model back, if that is the one to keep, and says what it says. */
  #finish(): void {
    const isStopped = this.#abort.signal.aborted;
    const { epoch, step } = this.#record;
    if (step > 0 && this.#evaluations.last?.step !== step) {
      const scores = this.#job.score();
      this.#evaluated({
        epoch,
        step,
        ...scores,
        improved: scores.loss < (this.#best?.loss ?? Number.POSITIVE_INFINITY),
      });
    }
    if (this.#best) loadArrays(readModel("the best model", this.#best.bytes), this.saved.model.params);
    this.#record = { ...this.#record, ...this.#job.show() };
    this.#publish({ status: isStopped ? "stopped" : "done", tokensPerSecond: 0, hasModel: true });
    this.#events.keep(this.record, writeModel(this.saved));
  }

  #takeSpeed(): number {
    const { since, tokens } = this.#speed;
    if (since === 0) return this.#record.tokensPerSecond;
    this.#speed = { since: 0, tokens: 0 };
    return (1000 * tokens) / since;
  }

  #publish(change: Partial<RunRecord>): void {
    this.#record = { ...this.#record, ...change };
    this.#events.changed(this.record);
  }
}
