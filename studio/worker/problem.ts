import { SeqloomError } from "seqloom";
import type { Problem } from "../messages.js";

/** What went wrong, in plain data. */
export function problemOf(error: unknown): Problem {
  if (error instanceof SeqloomError) return { message: error.message, hint: error.hint };
  return { message: error instanceof Error ? error.message : String(error) };
}
