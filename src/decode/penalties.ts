/** What the log-probability of `length` tokens is divided by: ((5 + length) / 6)^α. Source: Wu et al. 2016, eq. 14. */
export function lengthPenalty(length: number, alpha: number): number {
  return ((5 + length) / 6) ** alpha;
}

const LEAST = 1e-10;

/**
 * β · Σ over positions of log min(Σ over steps of their attention, 1): 0 where all of the source was looked at, and
 * below it where a part was not. A position with less than 1e-10 counts as that. Source: Wu et al. 2016, eq. 14.
 *
 * @param steps the attention of each step, (T, S)
 */
export function coveragePenalty(steps: readonly Float32Array[], beta: number): number {
  let sum = 0;
  for (let s = 0; s < (steps[0]?.length ?? 0); s++) {
    const total = steps.reduce((seen, attention) => seen + (attention[s] ?? 0), 0);
    sum += Math.log(Math.min(Math.max(total, LEAST), 1));
  }
  return beta * sum;
}
