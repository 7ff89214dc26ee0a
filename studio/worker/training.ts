import { type Backend, type PairEvent, type SavedModel, type Storage, type TextEvent, writeModel } from "seqloom";
import type { Action, RunRecord } from "../messages.js";
import { GrowingCurve, GrowingEvaluations } from "./curve.js";
import type { Job } from "./job.js";
import { problemOf } from "./problem.js";

/** Milliseconds between two reports to the page, and between two saves of the model. */
const REPORT_EVERY = 250;
const KEEP_EVERY = 2000;
/** Milliseconds between two saves before the first best model. */
const KEEP_FIRST = 10_000;

export interface TrainingEvents {
  /** The record has changed. */
  changed(record: RunRecord): void;
  /** The model should be stored. */
  keep(record: RunRecord, model: Uint8Array): void;
}

/** A run that can be paused, single-stepped, resumed and stopped, with a record of its progress. */
export class Training {
  #record: RunRecord;
  readonly #job: Job;
  readonly #events: TrainingEvents;
  readonly #losses = new GrowingCurve();
  readonly #evaluations = new GrowingEvaluations();
  readonly #abort = new AbortController();
  /** Steps that may run before the next pause. */
  #allowed = Number.POSITIVE_INFINITY;
  #wake: () => void = () => {};
  /** The model file that the run wrote last: the best model so far. */
  #best: Uint8Array | undefined;
  /** The run's storage: one model file in memory, which the desk stores periodically. */
  readonly #storage: Storage = {
    read: async () => this.#best,
    write: async (_, bytes) => {
      this.#best = bytes;
    },
    remove: async () => {},
  };
  #kept = Number.NEGATIVE_INFINITY;
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

  /** The current model, for use between two steps. */
  get saved(): SavedModel {
    return this.#job.run.saved;
  }

  act(action: Action): void {
    if (this.#isOver || this.#abort.signal.aborted) return;
    if (action === "stop") this.#abort.abort();
    else this.#allowed = { resume: Number.POSITIVE_INFINITY, pause: 0, step: 1 }[action];
    if (action === "pause") this.#publish({ status: "paused", tokensPerSecond: 0 });
    if (action === "resume") this.#publish({ status: "training" });
    this.#wake();
  }

  /** Trains to the end or until stopped; a failure is noted in the record. */
  start(): void {
    this.ended = this.#run();
  }

  /** Records that the model is in storage. */
  noteKept(): void {
    this.#record = { ...this.#record, hasModel: true };
  }

  #isOver = false;

  async #run(): Promise<void> {
    try {
      this.#publish({ status: "training" });
      await this.#train();
    } catch (error) {
      this.#isOver = true;
      this.#publish({ status: "failed", problem: problemOf(error), tokensPerSecond: 0 });
    }
  }

  async #train(): Promise<void> {
    const { run, showEvery, show } = this.#job;
    const files = { storage: this.#storage, out: "model" };
    let [shown, reported] = [0, 0];
    for await (const event of run.train({ files, signal: this.#abort.signal, reportEvery: 1 })) {
      this.#note(event);
      const now = performance.now();
      const isHeld = this.#allowed <= 0;
      if (now - shown > showEvery || isHeld) {
        this.#record = { ...this.#record, ...show() };
        shown = performance.now();
      }
      if (now - reported > REPORT_EVERY || isHeld) {
        this.#publish({ tokensPerSecond: this.#takeSpeed() });
        reported = performance.now();
      }
      await this.#whileHeld();
    }
    const isStopped = this.#abort.signal.aborted;
    if (isStopped) for await (const event of run.finish(files, { test: false })) this.#note(event);
    this.#isOver = true;
    this.#record = { ...this.#record, ...show() };
    this.#publish({ status: isStopped ? "stopped" : "done", tokensPerSecond: 0, hasModel: true });
    this.#keep(this.#best ?? writeModel(this.saved));
  }

  /** Records an event, and stores the model periodically. */
  #note(event: PairEvent | TextEvent): void {
    if (event.kind === "step") {
      this.#losses.add(event.step, event.loss);
      const { epoch, step, steps, msPerStep, tokensPerSecond } = event;
      this.#speed.since += msPerStep;
      this.#speed.tokens += (tokensPerSecond * msPerStep) / 1000;
      this.#record = { ...this.#record, epoch, step, steps, seconds: this.#record.seconds + msPerStep / 1000 };
      this.#allowed--;
      // A run survives a reload from its first step on; if it keeps the best model, this one serves until the first best.
      if (!this.#best) this.#keepAfter(KEEP_FIRST);
    }
    if (event.kind === "evaluation") {
      const { epoch, step, loss, perplexity } = event;
      const exactMatch = "exactMatch" in event ? event.exactMatch : undefined;
      this.#evaluations.add({ epoch, step, loss, perplexity, exactMatch });
      if (event.improved || !this.#job.run.keepsBest) this.#keepAfter(KEEP_EVERY);
    }
  }

  /** Stores the model if the last save is more than `wait` milliseconds ago. */
  #keepAfter(wait: number): void {
    if (performance.now() - this.#kept > wait) this.#keep(writeModel(this.saved));
  }

  #keep(model: Uint8Array): void {
    this.#events.keep(this.record, model);
    this.#kept = performance.now();
  }

  /** Resolves when the next step may run. */
  async #whileHeld(): Promise<void> {
    if (this.#allowed > 0) return;
    this.#publish({ status: "paused", tokensPerSecond: 0 });
    this.#keep(writeModel(this.saved));
    while (this.#allowed <= 0 && !this.#abort.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    this.#speed = { since: 0, tokens: 0 };
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
