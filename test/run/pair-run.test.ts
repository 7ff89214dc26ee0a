import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { DataError } from "../../src/engine/errors.js";
import { folderStorage } from "../../src/node/files.js";
import { type PairEvent, type PairRun, seq2seqRun } from "../../src/run/pair-run.js";
import type { TrainTargets } from "../../src/run/run.js";
import { memoryStorage, type Storage } from "../../src/run/storage.js";
import { DivergedError } from "../../src/run/trainer.js";
import { readModel, restoreModel } from "../../src/tasks/model-kinds.js";
import { addition } from "../../src/tasks/pairs/addition.js";
import { type PairSettings, pairSettings } from "../../src/tasks/pairs/pair-options.js";
import type { PairData } from "../../src/tasks/pairs/pairs.js";
import { FixedPairs } from "../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../src/text/characters.js";
import { describeBackends } from "../helpers/backends.js";
import { expectRejection } from "../helpers/errors.js";
import { makeFolder } from "../helpers/folder.js";
import { changeFile, makeModelFile, sums } from "../helpers/models.js";

const options = pairSettings({
  ...{ preset: "peeky", reverse: true, hiddenSize: 5, embeddingSize: 3, batchSize: 8, epochs: 3 },
  ...{ learningRate: 0.01, lrSchedule: "cosine", gradClip: 0.5, seed: 3 },
});
/** 49 sums in batches of 8. */
const PER_EPOCH = 6;

async function collect(run: PairRun, targets: TrainTargets): Promise<PairEvent[]> {
  const all: PairEvent[] = [];
  for await (const report of run.train(targets)) all.push(report);
  return all;
}

/** A signal that is aborted after so many steps: the trainer asks once before each. */
function abortedAfter(steps: number): AbortSignal {
  const { signal } = new AbortController();
  let asked = 0;
  Object.defineProperty(signal, "aborted", { get: () => ++asked > steps });
  return signal;
}

function places(folder = makeFolder()): { storage: Storage; out: string; checkpoint: string } {
  return { storage: folderStorage(), out: join(folder, "model"), checkpoint: join(folder, "checkpoint") };
}

/** The file of a run from its start to its end. */
async function train(backend: Backend, change: Partial<PairSettings> = {}, data: PairData = sums): Promise<Buffer> {
  const files = places();
  await collect(seq2seqRun(backend, data, { ...options, ...change }), { files });
  return readFileSync(files.out);
}

/** Leaves a checkpoint after so many steps. */
async function interrupt(backend: Backend, checkpoint: string, steps: number, data: PairData = sums): Promise<void> {
  await collect(seq2seqRun(backend, data, options), {
    files: { storage: folderStorage(), checkpoint },
    signal: abortedAfter(steps),
  });
}

describe("a run", () => {
  test("reports and saves in order, the end last", async () => {
    const files = places();
    const reports = await collect(seq2seqRun(openReference(), sums, options), { files });
    const words = reports.map((report) => (report.kind === "saved" ? `saved:${report.why}` : report.kind));
    const epoch = ["step", "evaluation", "saved:checkpoint"];
    expect(words).toEqual([...epoch, ...epoch, ...epoch, "saved:end", "done"]);
    expect(reports.at(-1)).toMatchObject({ steps: 3 * PER_EPOCH });
    expect(existsSync(files.checkpoint)).toBe(false);
    const { training } = readModel("a", readFileSync(files.out));
    const evaluations = reports.filter((report) => report.kind === "evaluation");
    expect(evaluations.map(({ epoch, step, set, count }) => [epoch, step, set, count])).toEqual(
      [1, 2, 3].map((epoch) => [epoch, epoch * PER_EPOCH, "test", 6]),
    );
    expect(training).toMatchObject({
      ...{ data: "addition", seed: 3, epochs: 3, steps: 18 },
      options: { preset: "peeky", reverse: true, learningRate: 0.01 },
      scores: { exactMatch: evaluations.at(-1)?.exactMatch },
    });
  });

  test("that was stopped is finished on demand: the model is scored as it is, and saved", async () => {
    const storage = memoryStorage();
    const files = { storage, checkpoint: "checkpoint", out: "model" };
    const run = seq2seqRun(openReference(), sums, options);
    await collect(run, { files, signal: abortedAfter(PER_EPOCH + 2) });
    expect(await storage.read("checkpoint")).toBeDefined();
    const events: PairEvent[] = [];
    for await (const event of run.finish(files, { test: false })) events.push(event);
    expect(events).toMatchObject([
      { kind: "evaluation", epoch: 2, step: PER_EPOCH + 2 },
      { kind: "saved", path: "model", why: "end" },
    ]);
    expect(await storage.read("checkpoint")).toBeUndefined();
    const { training } = readModel("model", (await storage.read("model")) ?? new Uint8Array());
    expect(training).toMatchObject({ steps: PER_EPOCH + 2, scores: { exactMatch: run.evaluation?.exactMatch } });
  });

  test("of no epochs saves the model as it was drawn", async () => {
    const files = places();
    const run = seq2seqRun(openReference(), sums, { ...options, epochs: 0 });
    const before = run.model.params.map(({ value }) => value.data.slice());
    const kinds = (await collect(run, { files })).map(({ kind }) => kind);
    expect(kinds).toEqual(["saved", "done"]);
    const { model, training } = restoreModel(openReference(), readModel("a", readFileSync(files.out)));
    expect(model.params.map(({ value }) => value.data)).toEqual(before);
    expect(training?.scores).toHaveProperty("exactMatch");
  });

  test("that diverges keeps the checkpoint of the last good epoch", async () => {
    const files = places();
    await interrupt(openReference(), files.checkpoint, PER_EPOCH);
    const good = readFileSync(files.checkpoint);
    const wild = { ...options, optimizer: "sgd" as const, learningRate: 1e300, gradClip: 1e30 };
    const error: unknown = await collect(seq2seqRun(openReference(), sums, wild), { files }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toHaveProperty(
      "message",
      expect.stringMatching(/^Step \d: expected a finite loss and gradient, got /),
    );
    // One step in an epoch: it is the test loss that shows.
    const atOnce = { ...wild, batchSize: 100, epochs: 1 };
    const late: unknown = await collect(seq2seqRun(openReference(), sums, atOnce), { files }).catch((e: unknown) => e);
    expect(late).toBeInstanceOf(DivergedError);
    expect(late).toHaveProperty(
      "message",
      expect.stringMatching(/^Epoch 1: expected a finite \w+ in evaluation, got (NaN|Infinity)\.$/),
    );
    expect(late).toHaveProperty("hint", "lower the learning rate or the gradient clip");
    expect(readFileSync(files.checkpoint).equals(good)).toBe(true);
    expect(existsSync(files.out)).toBe(false);
  });
});

describeBackends((backend) => {
  test("the same seed gives the same bits twice, and another seed others", async () => {
    const first = await train(backend());
    expect((await train(backend())).equals(first)).toBe(true);
    expect((await train(backend(), { seed: 4 })).equals(first)).toBe(false);
  });

  test.each([
    ["before the first step", [0]],
    ["within an epoch", [1]],
    ["at the end of an epoch", [PER_EPOCH]],
    ["after the last step", [3 * PER_EPOCH]],
    ["again and again", [2, 5, 1, 7]],
  ])("a run interrupted %s and resumed ends in the same bits", async (_, interruptions) => {
    const files = places();
    for (const [i, steps] of interruptions.entries()) {
      const run = seq2seqRun(backend(), sums, options);
      if (i > 0) expect(await run.resume(files)).toBe(true);
      const reports = await collect(run, { files, signal: abortedAfter(steps) });
      expect(reports.at(-1)).toEqual({ kind: "saved", path: files.checkpoint, why: "checkpoint" });
      expect(existsSync(files.out)).toBe(false);
    }
    const run = seq2seqRun(backend(), sums, options);
    expect(await run.resume(files)).toBe(true);
    const reports = await collect(run, { files });
    expect(reports.at(-1)).toMatchObject({ kind: "done", steps: 3 * PER_EPOCH });
    expect(run.history.evaluations.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
    expect(readFileSync(files.out).equals(await train(backend()))).toBe(true);
    expect(readdirSync(join(files.out, ".."))).toEqual(["model"]);
  });
});

describe("resuming is refused", () => {
  /** Fails unless a run with these options and data refuses the checkpoint with this message. */
  async function expectRefused(
    checkpoint: string,
    message: string,
    change: Partial<PairSettings> = {},
    data = sums,
  ): Promise<void> {
    const run = seq2seqRun(openReference(), data, { ...options, ...change });
    const files = { storage: folderStorage(), checkpoint };
    await expectRejection(DataError, run.resume(files), `${checkpoint}: ${message}`);
  }

  test.each([
    ["epochs", 4, 3],
    ["hiddenSize", 6, 5],
    ["learningRate", 0.02, 0.01],
    ["seed", 4, 3],
    ["lrSchedule", "constant", "cosine"],
    ["reverse", false, true],
  ] as const)("with another %s", async (name, value, before) => {
    const { checkpoint } = places();
    await interrupt(openReference(), checkpoint, 2);
    await expectRefused(checkpoint, `expected ${name} ${before}, with which the run began, got ${value}.`, {
      [name]: value,
    });
  });

  test("with other data: another split, other characters, other widths", async () => {
    const { checkpoint } = places();
    await interrupt(openReference(), checkpoint, 2);
    const message = "expected the data with which the run began, got other data.";
    await expectRefused(checkpoint, message, {}, addition({ digits: 1, seed: 2 }));
    await expectRefused(checkpoint, message, {}, { ...sums, test: sums.train, train: sums.test });
    const letters = new Characters([..."abcdefghij+ _"]);
    await expectRefused(checkpoint, message, {}, { ...sums, tokenizer: new FixedPairs(letters, letters, 3, 3, "_") });
  });

  test("from a file that is no checkpoint; without any there is nothing to resume", async () => {
    const { checkpoint, out } = places();
    const run = seq2seqRun(openReference(), sums, { ...options, epochs: 1 });
    expect(await run.resume({ storage: folderStorage(), checkpoint })).toBe(false);
    await collect(run, { files: { storage: folderStorage(), out } });
    await expectRefused(out, "expected a checkpoint, got a model file without one.");
    writeFileSync(out, "");
    await expectRefused(out, "expected a .safetensors file, got 0 bytes.");
    writeFileSync(out, changeFile(makeModelFile(), { checkpoint: '{"step":-1}' }));
    await expectRefused(out, "expected a checkpoint, got a model file without one.");
  });

  test("from a checkpoint of 0.1.0", async () => {
    const { checkpoint } = places();
    writeFileSync(checkpoint, changeFile(makeModelFile(), { version: "1", checkpoint: '{"update":3}' }));
    await expectRefused(checkpoint, "expected a checkpoint of this seqloom, got one of an older version, 0.1.0.");
  });

  test("from a checkpoint without the optimizer's state", async () => {
    const { checkpoint } = places();
    await interrupt(openReference(), checkpoint, 2);
    const lacking = changeFile(readFileSync(checkpoint), {}, (tensors) => {
      return new Map([...tensors].filter(([name]) => name !== "adam.v.decoder.linear.bias"));
    });
    writeFileSync(checkpoint, lacking);
    await expectRefused(checkpoint, "adam.v.decoder.linear.bias: expected shape (13), got no such array.");
  });
});
