import type { Work } from "./case.js";

/** How long to measure: so many runs, or fewer where they take longer than so many seconds. */
export interface Patience {
  readonly steps: number;
  readonly seconds: number;
}

/** The median time of a step in milliseconds, after a tenth of the patience to warm up. */
export async function timeSteps(work: Work, { steps, seconds }: Patience): Promise<number> {
  await timeRuns(work, { steps: Math.ceil(steps / 10), seconds: seconds / 10 });
  const times = await timeRuns(work, { steps, seconds });
  return median(times) / work.steps;
}

/** The time of each run in milliseconds, of one at least. */
async function timeRuns(work: Work, { steps, seconds }: Patience): Promise<number[]> {
  const end = performance.now() + 1000 * seconds;
  const times: number[] = [];
  do {
    const start = performance.now();
    await work.run();
    times.push(performance.now() - start);
  } while (times.length < steps && performance.now() < end);
  return times;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
