import type { BatchSource } from "../run/batches.js";
import type { Trainer } from "../run/trainer.js";
import type { Work } from "./case.js";

/** Training as work: each run is one step of the trainer's own loop. */
export function stepsOf<Batch>(trainer: Trainer<Batch>, source: BatchSource<Batch>, gradClip: number): Work {
  const reports = trainer.run(source, { epochs: Number.POSITIVE_INFINITY, gradClip, reportEvery: 1 });
  return {
    steps: 1,
    async run() {
      await reports.next();
    },
  };
}
