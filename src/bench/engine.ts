import { availableParallelism } from "node:os";
import type { CommonOptions } from "../cli/options.js";
import type { Backend, BackendName, Precision } from "../engine/backend/backend.js";
import { SeqloomError } from "../engine/errors.js";
import { openBackend } from "../node/backend.js";

/** What computes, and how. */
export interface Engine {
  readonly backend: BackendName;
  readonly threads: number;
  readonly precision: Precision;
}

type Wish = Pick<CommonOptions, "backend" | "threads" | "precision">;

/** What to measure: what the command line names, or else both backends, one thread and all cores, every precision. */
export function enginesFor({ backend, threads, precision }: Wish): Engine[] {
  const backends = backend ? [backend] : (["native", "wasm"] as const);
  const counts = threads ? [threads] : [...new Set([1, availableParallelism()])];
  const choices = precision ? [precision] : (["float32", "bf16", "int8"] as const);
  return backends.flatMap((name) =>
    counts.flatMap((count) => choices.map((choice) => ({ backend: name, threads: count, precision: choice }))),
  );
}

/** Does something with a backend of its own, so that each measurement starts with an empty arena. */
export async function withEngine<T>(engine: Engine, use: (backend: Backend) => T | Promise<T>): Promise<T> {
  const backend = await openBackend(engine.backend, engine);
  try {
    return await use(backend);
  } finally {
    backend.close();
  }
}

/** Why this machine has no such engine, or undefined where it has it. */
export async function whyMissing({ backend, threads, precision }: Engine): Promise<string | undefined> {
  try {
    return await withEngine({ backend, threads, precision }, (opened) => {
      if (opened.threads !== threads) return `it computes with ${opened.threads}`;
      return opened.precision === precision ? undefined : `it computes in ${opened.precision}`;
    });
  } catch (error) {
    if (error instanceof SeqloomError) return error.message;
    throw error;
  }
}

/** native, 2 threads, bf16 */
export function describeEngine({ backend, threads, precision }: Engine): string {
  return `${backend}, ${threads} ${threads === 1 ? "thread" : "threads"}, ${precision}`;
}
