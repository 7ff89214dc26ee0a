import { SeqloomError } from "seqloom";
import type { Problem } from "../messages.js";

/** Converts an error to plain data. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SeqloomError) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}
