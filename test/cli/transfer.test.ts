import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { captionRun } from "../../src/cli/caption-run.js";
import { PictureFormat } from "../../src/data/picture-format.js";
import { openBackend } from "../../src/node/backend.js";
import { openCaptionTask } from "../../src/node/caption-task.js";
import { type CaptionOptions, captionSettings } from "../../src/train/caption-options.js";
import { makeFolder } from "../helpers/folder.js";
import { skipWithoutOnnx } from "../helpers/pictures.js";
import { ShapeClassifier } from "../helpers/shape-classifier.js";

test.skipIf(skipWithoutOnnx)(
  "with a network that has learned to tell shapes, captions take a third of the work to the same score",
  { timeout: 600_000 },
  async () => {
    const folder = makeFolder();
    const cnn = join(folder, "shapes.onnx");
    const backend = await openBackend(undefined, { threads: 1 });
    const classifier = new ShapeClassifier(backend, z.parse(PictureFormat, { height: 48, width: 48 }), 1);
    const share = classifier.train(400, 1);
    console.log("classifier", share);
    writeFileSync(cnn, classifier.toOnnx());
    backend.close();

    /** Seconds of computing until the captions of unseen pictures have this loss, features and evaluations included. */
    const secondsTo = async (goal: number, options: Partial<CaptionOptions>): Promise<number> => {
      const started = process.cpuUsage().user;
      const small = { hidden: 64, embedding: 32, batch: 32, epochs: 30, schedule: "constant", warmup: 0 } as const;
      const settings = captionSettings({ ...small, ...options, seed: 1 });
      const task = openCaptionTask("shapes", { count: 2000, captions: 1, skipBad: false }, 1, {
        cache: folder,
        threads: 1,
      });
      const data = await task.load(settings);
      console.log("loaded", (process.cpuUsage().user - started) / 1e6);
      const own = await openBackend(undefined, { threads: 1 });
      for await (const report of captionRun(own, data, settings).train())
        if (report.kind === "evaluation") {
          console.log(
            options.cnn ? "T" : "S",
            report.epoch,
            report.loss,
            report.judged,
            (process.cpuUsage().user - started) / 1e6,
          );
          if (report.loss <= goal) break;
        }
      own.close();
      return (process.cpuUsage().user - started) / 1e6;
    };
    const transferred = await secondsTo(0.5, { cnn, cnnOutput: "features" });
    const scratch = await secondsTo(0.5, {});
    console.log(transferred, scratch);
    expect(scratch).toBeGreaterThan(3 * transferred);
  },
);
