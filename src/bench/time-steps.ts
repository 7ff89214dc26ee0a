import type { Work } from "./case.js";

/** The length of a measurement: a number of runs, or fewer (three at least) where they take longer than a number of seconds. */
export interface Patience {
  readonly steps: number;
  readonly seconds: number;
}

/** The median time of a step in milliseconds, after a warm-up of a tenth of the limits. */
export async function timeSteps(work: Work, { steps, seconds }: Patience): Promise<number> {
  await timeRuns(work, { steps: Math.ceil(steps / 10), seconds: seconds / 10 }, 1);
  const times = await timeRuns(work, { steps, seconds }, 3);
  return median(times) / work.steps;
}

/** The time of each run in milliseconds. */
async function timeRuns(work: Work, { steps, seconds }: Patience, least: number): Promise<number[]> {
  const end = performance.now() + 1000 * seconds;
  const times: number[] = [];
  while (times.length < steps && (times.length < least || performance.now() < end)) {
    const start = performance.now();
    await work.run();
    times.push(performance.now() - start);
  }
  return times;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
