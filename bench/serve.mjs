// How programs that are timed in turn talk to bench/pairs.mjs: each says {"ready":true}, and then answers every line of
// standard input, a number of steps, with what a step took.

import { createInterface } from "node:readline";

/**
 * @param {{ steps: number, run(): void | Promise<void> }} work steps: how many a run takes
 * @param {{ steps?: number, isGeneration?: boolean, [detail: string]: unknown }} details steps: one round, and no input
 */
export async function serve(work, { steps, isGeneration, ...details }) {
  for (let i = 0; i < 3; i++) await work.run();
  print({ ready: true });
  for await (const line of steps ? [String(steps)] : createInterface({ input: process.stdin })) {
    const runs = Math.ceil(Number(line) / work.steps);
    const start = performance.now();
    for (let i = 0; i < runs; i++) await work.run();
    const msPerStep = (performance.now() - start) / (runs * work.steps);
    print({ ...details, msPerStep, ...(isGeneration ? { tokensPerSecond: 1000 / msPerStep } : {}) });
  }
}

const print = (report) => process.stdout.write(`${JSON.stringify(report)}\n`);
