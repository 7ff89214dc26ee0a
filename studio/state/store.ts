import { computed, signal } from "@preact/signals";
import { CallError, call, listen } from "../client.js";
import type { Action, CallName, Calls, Form, FormKind, Problem, RunRecord } from "../messages.js";
import { type PanelName, panelNames } from "../words/words.js";

/** The state of the page: the worker's events, and the person's selection. */

type Engine =
  | { readonly state: "starting" }
  | { readonly state: "ready"; readonly threads: number }
  | { readonly state: "broken"; readonly problem: Problem };

export const engine = signal<Engine>({ state: "starting" });
export const forms = signal<Readonly<Record<FormKind, Form>> | undefined>(undefined);
export const runs = signal<ReadonlyMap<string, RunRecord>>(new Map());
/** The newest first. */
export const runList = computed(() => [...runs.value.values()].sort((a, b) => b.created - a.created));

const chosen = signal<string | undefined>(undefined);
/** The run that the panels show: the selected one, or the newest. */
export const current = computed(() => {
  const run = chosen.value === undefined ? undefined : runs.value.get(chosen.value);
  return run ?? runList.value[0];
});

export function choose(run: string): void {
  chosen.value = run;
}

function panelOf(hash: string): PanelName {
  return panelNames.find((name) => `#${name}` === hash.replace(/\?.*/, "")) ?? "train";
}

/** The panel in the address, so that the browser's Back button works. */
export const panel = signal<PanelName>(panelOf(location.hash));
addEventListener("hashchange", () => {
  panel.value = panelOf(location.hash);
});

/** The last error, until it is dismissed. */
export const problem = signal<Problem | undefined>(undefined);

export function problemOf(error: unknown): Problem {
  if (error instanceof CallError) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}

/** Calls the worker. An error is shown, and the result is then undefined. */
export async function attempt<N extends CallName>(
  name: N,
  params: Calls[N]["params"],
): Promise<Calls[N]["result"] | undefined> {
  problem.value = undefined;
  try {
    return await call(name, params);
  } catch (error) {
    problem.value = problemOf(error);
    return undefined;
  }
}

export function act(run: string, action: Action): void {
  void attempt("act", { run, action });
}

listen((report) => {
  switch (report.kind) {
    case "forms":
      forms.value = report.forms;
      break;
    case "ready":
      engine.value = { state: "ready", threads: report.threads };
      break;
    case "broken":
      engine.value = { state: "broken", problem: report.problem };
      break;
    case "run":
      runs.value = new Map(runs.value).set(report.run.id, report.run);
      break;
    case "forgotten": {
      const left = new Map(runs.value);
      left.delete(report.run);
      runs.value = left;
    }
  }
});
