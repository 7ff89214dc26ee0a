import type { Command } from "commander";
import * as z from "zod/mini";
import type { Backend, BackendName } from "../../backend/backend.js";
import { addition } from "../../data/addition.js";
import { Seq2Seq } from "../../models/seq2seq.js";
import { openBackend } from "../../node/backend.js";
import { Adam } from "../../optim/optimizer.js";
import { PairBatches } from "../../train/batches.js";
import { Trainer } from "../../train/trainer.js";
import { define } from "../session.js";

const Options = z.object({
  steps: z._default(
    z.int().check(z.minimum(1), z.maximum(100_000), z.describe("timed steps of each case, of which the median counts")),
    60,
  ),
});

/** The training steps of the design's table: N 128, T 7+4, D 16, H 128. */
const cases = { "addition step, plain": "plain", "addition step, peeky": "peeky" } as const;

/** `seqloom bench` */
export function benchCommand(program: Command): void {
  const command = program.command("bench").description("the speed of this machine");
  define(command, Options, async ({ options, common, output }) => {
    const backends: BackendName[] = common.backend ? [common.backend] : ["native", "wasm"];
    for (const name of backends) {
      const backend = await openBackend(name);
      const { instructionSet, threads } = backend;
      for (const [title, decoder] of Object.entries(cases)) {
        const msPerStep = await timeStep(backend, decoder, options.steps);
        const report = { kind: "bench", case: title, backend: name, instructionSet, threads, msPerStep };
        output.result(
          report,
          `${title.padEnd(24)} ${name} (${instructionSet}), ${threads} thread: ${msPerStep.toFixed(2)} ms`,
        );
      }
      backend.close();
    }
  });
}

/** The median time of a training step on addition, in milliseconds, after a tenth as many to warm up. */
async function timeStep(backend: Backend, decoder: "plain" | "peeky", steps: number): Promise<number> {
  const data = addition({ count: 12_800 });
  const model = Seq2Seq.for(backend, data, { decoder, reverse: true }).initialize(1);
  const trainer = new Trainer(backend, model, new Adam(backend, model.params, 0.001));
  const source = new PairBatches(backend, data.train, data.tokenizer, { batch: 128, seed: 1 });
  const warmUp = Math.ceil(steps / 10);
  const times: number[] = [];
  const epochs = Math.ceil((warmUp + steps) / source.perEpoch);
  for await (const report of trainer.run(source, { epochs, clip: 5, reportEvery: 1 })) {
    if (report.kind === "step" && report.update > warmUp) times.push(report.msPerUpdate);
    if (times.length === steps) break;
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}
