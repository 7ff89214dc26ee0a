import { effect, signal } from "@preact/signals";
import type { Calls, RunStatus } from "../messages.js";
import { act, attempt, choose, runs } from "./store.js";

/** Runs that are trained one after another: a worker trains one at a time. */

type Start = Calls["start"]["params"];

/** How many runs were asked for together, and those whose turn has not come. */
export const queue = signal<{ readonly total: number; readonly waiting: readonly Start[] }>({ total: 0, waiting: [] });
/** The run of the queue that trains. */
const running = signal<string | undefined>(undefined);
export const isPreparing = signal(false);

const over: ReadonlySet<RunStatus> = new Set(["stopped", "done", "failed"]);

/** Trains each in its turn, in place of whatever trains now. */
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

/** Ends the run that trains, and leaves out those that wait. */
export function endQueue(): void {
  queue.value = { total: 0, waiting: [] };
  if (running.value !== undefined) act(running.value, "stop");
}

/** Deletes a run; if it was the one that trains, the next has its turn. */
export async function forget(run: string): Promise<void> {
  await attempt("forget", { run });
  if (run === running.value) await startNext();
}

effect(() => {
  const run = running.value === undefined ? undefined : runs.value.get(running.value);
  if (run && over.has(run.status)) void startNext();
});
