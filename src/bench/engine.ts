import { availableParallelism } from "node:os";
import type { Backend, BackendName, Precision } from "../engine/backend/backend.js";
import { SeqloomError } from "../engine/errors.js";
import { openBackend } from "../node/backend.js";

/** A backend with its settings. */
export interface Engine {
  readonly backend: BackendName;
  readonly threads: number;
  readonly precision: Precision;
}

type Wish = { readonly [Part in keyof Engine]?: Engine[Part] | undefined };

/** The engines to measure: those requested; by default both backends, one thread and all cores, every precision. */
export function enginesFor({ backend, threads, precision }: Wish): Engine[] {
  const backends = backend ? [backend] : (["native", "wasm"] as const);
  const counts = threads ? [threads] : [...new Set([1, availableParallelism()])];
  const choices = precision ? [precision] : (["float32", "bf16", "int8"] as const);
  return backends.flatMap((name) =>
    counts.flatMap((count) => choices.map((choice) => ({ backend: name, threads: count, precision: choice }))),
  );
}

/** Runs work with a new backend, so that each measurement starts with an empty arena. */
export async function withEngine<T>(engine: Engine, use: (backend: Backend) => T | Promise<T>): Promise<T> {
  const backend = await openBackend(engine.backend, engine);
  try {
    return await use(backend);
  } finally {
    backend.close();
  }
}

/** The reason why this machine does not support an engine; undefined if it does. */
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
