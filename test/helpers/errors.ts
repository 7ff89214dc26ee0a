import { expect } from "vitest";
import { SeqloomError } from "../../src/engine/errors.js";

type ErrorClass = abstract new (...args: never[]) => SeqloomError;

/** Fails unless `run` throws this class with this message, to the letter, and a hint that contains `hint`. */
export function expectError(kind: ErrorClass, run: () => unknown, message: string, hint?: string): void {
  expectIs(kind, thrownBy(run), message, hint);
}

/** The same of a promise that is rejected. */
export async function expectRejection(
  kind: ErrorClass,
  promise: Promise<unknown>,
  message: string,
  hint?: string,
): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined && !(error instanceof SeqloomError)) throw error;
  expectIs(kind, error, message, hint);
}

function expectIs(kind: ErrorClass, error: SeqloomError | undefined, message: string, hint: string | undefined): void {
  expect(error?.message ?? "nothing was thrown").toBe(message);
  expect(error).toBeInstanceOf(kind);
  if (hint !== undefined) expect(error?.hint ?? "no hint").toContain(hint);
}

/** What `run` throws, if it is an error of ours; any other is thrown on. */
export function thrownBy(run: () => unknown): SeqloomError | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof SeqloomError) return error;
    throw error;
  }
  return undefined;
}
