import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { openBackend } from "../../src/node/backend.js";
import { nodePicturePorts } from "../../src/node/packages.js";
import { captionRun } from "../../src/run/caption-run.js";
import { type CaptionOptions, captionSettings } from "../../src/tasks/captions/caption-options.js";
import { openCaptionTask } from "../../src/tasks/captions/caption-task.js";
import { PictureFormat } from "../../src/tasks/captions/picture-format.js";
import { makeFolder } from "../helpers/folder.js";
import { skipWithoutOnnx } from "../helpers/pictures.js";
import { ShapeClassifier } from "../helpers/shape-classifier.js";

/** Nats per token; with it about a fifth of the captions of unseen pictures are true. */
const GOAL = 0.7;

/** Seconds of computing since the process began: other programs on the machine do not count. */
const seconds = (): number => process.cpuUsage().user / 1e6;

/** How long captions of unseen pictures take to their goal, with the reading of pictures and every evaluation. */
async function secondsToGoal(options: Partial<CaptionOptions>, cache: string): Promise<number> {
  const started = seconds();
  const small = {
    hiddenSize: 64,
    embeddingSize: 32,
    batchSize: 32,
    learningRate: 0.002,
    epochs: 60,
    lrSchedule: "constant",
  } as const;
  const settings = captionSettings({ ...small, warmupSteps: 0, ...options, seed: 1 });
  const generated = { count: 2000, captions: 1, skipInvalid: false, seed: 1, threads: 1 };
  const task = openCaptionTask("shapes", generated, nodePicturePorts({ cache }));
  const data = await task.load(settings);
  const backend = await openBackend(undefined, { threads: 1 });
  let loss = Number.POSITIVE_INFINITY;
  for await (const report of captionRun(backend, data, settings).train()) {
    if (report.kind === "evaluation") loss = report.loss;
    if (loss <= GOAL) break;
  }
  backend.close();
  expect(loss).toBeLessThanOrEqual(GOAL);
  return seconds() - started;
}

test.skipIf(skipWithoutOnnx)(
  "with a network that has learned to tell shapes, captions come to the same score with less than a third of the work",
  { timeout: 600_000 },
  async () => {
    const folder = makeFolder();
    const cnn = join(folder, "shapes.onnx");
    const backend = await openBackend(undefined, { threads: 1 });
    const classifier = new ShapeClassifier(backend, z.parse(PictureFormat, { height: 48, width: 48 }), 1);
    expect(classifier.train(400, 1)).toBeGreaterThan(0.4); // of 48 classes
    writeFileSync(cnn, classifier.toOnnx());
    backend.close();
    const transferred = await secondsToGoal({ cnn, cnnOutput: "features" }, folder);
    const fromScratch = await secondsToGoal({}, folder);
    expect(fromScratch / transferred).toBeGreaterThan(3);
  },
);
