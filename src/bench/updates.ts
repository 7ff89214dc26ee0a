import type { BatchSource } from "../run/batches.js";
import type { Trainer } from "../run/trainer.js";
import type { Work } from "./case.js";

/** Training as work: each run is one update by the trainer's own loop. */
export function updatesOf<Batch>(trainer: Trainer<Batch>, source: BatchSource<Batch>, clip: number): Work {
  const reports = trainer.run(source, { epochs: Number.POSITIVE_INFINITY, clip, reportEvery: 1 });
  return {
    steps: 1,
    async run() {
      await reports.next();
    },
  };
}
