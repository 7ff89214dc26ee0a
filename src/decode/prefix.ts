import type { Place } from "./word-list.js";

/** What a search has written so far: a token, and the prefix before it. The first stands for the start token. */
export interface Prefix {
  readonly before?: Prefix;
  readonly id: number;
  /** Tokens, without the start. */
  readonly length: number;
  /** Natural logarithm of the probability of all its tokens. */
  readonly score: number;
  /** Which of its source's rows `before` was in. */
  readonly row: number;
  /** How much the step that chose `id` looked at each position of the source, (S). */
  readonly attention?: Float32Array | undefined;
  /** Where a text of listed words may go on. */
  readonly place: Place | undefined;
}

/** The prefixes of a prefix, from the one of one token to itself. */
export function stepsOf(prefix: Prefix): Prefix[] {
  const steps: Prefix[] = [];
  for (let step = prefix; step.before; step = step.before) steps.push(step);
  return steps.reverse();
}

/** What follows each earlier occurrence of the last n − 1 ids: what would make n ids occur twice. */
export function* repeating(ids: readonly number[], n: number): Generator<number, void> {
  const tail = ids.length - (n - 1);
  for (let next = n - 1; next < ids.length; next++) {
    let same = 0;
    while (same < n - 1 && ids[next - (n - 1) + same] === ids[tail + same]) same++;
    if (same === n - 1) yield ids[next] ?? 0;
  }
}
