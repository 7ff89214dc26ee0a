import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod/mini";

// Recorded by test/fixtures/book-seq2seq.py with NumPy 2.4: its own arithmetic in float64, from the equations.
const Rows = z.array(z.array(z.array(z.number())));
const Computed = z.object({ logits: Rows, attention: Rows, answers: z.array(z.string()) });
const Expected = z.object({ characters: z.string(), seq2seq: Computed, peeky: Computed, attention: Computed });

/** Where a pickle lies, or the pairs that all were "trained" on. */
export function bookPath(name: string): string {
  return fileURLToPath(new URL(`../fixtures/book/${name}`, import.meta.url));
}

export function readBook(name: string): Uint8Array {
  return new Uint8Array(readFileSync(bookPath(name)));
}

/** What the recipe computed of each model: for each pair and step the logits and attention weights, and greedy answers. */
export const expected = z.parse(Expected, JSON.parse(new TextDecoder().decode(readBook("expected.json"))));
