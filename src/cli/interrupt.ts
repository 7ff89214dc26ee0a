import { SeqloomError } from "../engine/errors.js";

/** Ctrl-C, after everything was put in order: exit status 130. */
export class InterruptedError extends SeqloomError {
  override readonly name = "InterruptedError";
}

/** Runs work that ends early, in good order, when Ctrl-C (or SIGTERM) aborts the signal; a second one ends it at once. */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const interrupt = (): void => {
    for (const name of signals) process.off(name, interrupt);
    controller.abort();
  };
  for (const name of signals) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, interrupt);
  }
}
