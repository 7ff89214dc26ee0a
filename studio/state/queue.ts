import { effect, signal } from "@preact/signals";
import type { Calls, RunStatus } from "../messages.js";
import { act, attempt, choose, runs } from "./store.js";

/** A queue of runs: the worker trains one at a time. */

type Start = Calls["start"]["params"];

/** The size of the current batch of runs, and those that have not started. */
export const queue = signal<{ readonly total: number; readonly waiting: readonly Start[] }>({ total: 0, waiting: [] });
/** The run of the queue that is training. */
const running = signal<string | undefined>(undefined);
export const isPreparing = signal(false);

const over: ReadonlySet<RunStatus> = new Set(["stopped", "done", "failed"]);

/** Trains the runs one after another; stops the current one first. */
export async function trainAll(starts: readonly Start[]): Promise<void> {
  queue.value = { total: starts.length, waiting: starts };
  await startNext();
}

async function startNext(): Promise<void> {
  running.value = undefined;
  const [next, ...waiting] = queue.value.waiting;
  if (!next) return endQueue();
  queue.value = { ...queue.value, waiting };
  isPreparing.value = true;
  const run = await attempt("start", next);
  isPreparing.value = false;
  if (run === undefined) return endQueue();
  choose(run);
  running.value = run;
}

/** Stops the current run and drops the waiting ones. */
export function endQueue(): void {
  queue.value = { total: 0, waiting: [] };
  if (running.value !== undefined) act(running.value, "stop");
}

/** Deletes a run; if it was training, the next one starts. */
export async function forget(run: string): Promise<void> {
  await attempt("forget", { run });
  if (run === running.value) await startNext();
}

effect(() => {
  const run = running.value === undefined ? undefined : runs.value.get(running.value);
  if (run && over.has(run.status)) void startNext();
});
