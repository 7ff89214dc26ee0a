import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { openReference } from "../../../src/engine/backend/reference.js";
import { DataError } from "../../../src/engine/errors.js";
import { folderStorage } from "../../../src/node/files.js";
import { seq2seqRun } from "../../../src/run/pair-run.js";
import type { RunFiles } from "../../../src/run/storage.js";
import { openTask } from "../../../src/tasks/open-task.js";
import { pairSettings } from "../../../src/tasks/pairs/pair-options.js";
import { FramePairs, FramePairsJSON } from "../../../src/tasks/sounds/frame-codec.js";
import { FrameTask } from "../../../src/tasks/sounds/frame-task.js";
import type { Recording } from "../../../src/tasks/sounds/recordings.js";
import { type Ports, TaskOptions } from "../../../src/tasks/task.js";
import { expectRejection } from "../../helpers/errors.js";
import { makeFolder } from "../../helpers/folder.js";
import { portsWithNotices } from "../../helpers/notices.js";
import { makeNpy } from "../../helpers/sound.js";

const settings = pairSettings({
  ...{
    preset: "listen",
    stackFrames: 2,
    hiddenSize: 8,
    embeddingSize: 4,
    batchSize: 4,
    epochs: 3,
    dropout: 0.1,
    seed: 1,
  },
});

/** Series of 3 to 7 frames that rise or fall. */
function series(count: number, name = "s"): Recording[] {
  return Array.from({ length: count }, (_, i) => {
    const T = 3 + (i % 5);
    const values = Float32Array.from({ length: 2 * T }, (_, j) => (i % 2 ? j : -j) + (i % 3));
    return { file: `${name}${i}.npy`, text: i % 2 ? "up" : "down", frames: { width: 2, values } };
  });
}

const { ports } = portsWithNotices();
const task = (parts = { train: series(20), valid: series(4, "v"), test: series(6, "t") }, own: Ports = ports) =>
  new FrameTask({ name: "moves", kind: ".npy", count: 20, read: async () => parts }, own);

describe("a task of series", () => {
  test("suggests the preset listen, for more epochs where there are few", () => {
    const read = async () => ({ train: [], valid: [], test: [] });
    const suggested = (count: number) => new FrameTask({ name: "moves", kind: ".npy", count, read }, ports).suggestion;
    expect([100, 1000, 8000, 1_000_000].map((count) => suggested(count).changes.epochs)).toEqual([60, 60, 12, 6]);
    expect(suggested(8000).preset).toBe("listen");
    expect(suggested(8000).describe(settings)).toBe(".npy files: the recipe listen, 3 epochs");
  });

  test("is normalised by the training part, and knows its longest and shortest series and its longest text", async () => {
    const { tokenizer, train, valid, test: held } = await task().load(settings);
    expect([train.count, valid?.count, held.count]).toEqual([20, 4, 6]);
    expect([tokenizer.source.longest, tokenizer.target.longest]).toEqual([4, 5]); // 7 frames in pairs; "down" and its end
    expect(FramePairs.fromJSON(tokenizer.toJSON()).source.shortest).toBe(2); // 3 frames in pairs
    const { shortest: _, ...earlier } = tokenizer.toJSON(); // as files were that did not say it
    expect(FramePairs.fromJSON(z.parse(FramePairsJSON, earlier)).source.shortest).toBe(1);
    const all = series(20).flatMap(({ frames }) => [...frames.values]);
    const evens = all.filter((_, i) => i % 2 === 0);
    expect(tokenizer.source.frames.toJSON().mean[0]).toBeCloseTo(evens.reduce((a, b) => a + b) / evens.length, 5);
    expect(held.texts?.[1]).toEqual({ source: "t1.npy", target: "up" });
    expect([held.sources.length(0), held.sources.length(1)]).toEqual([2, 2]); // 3 frames and 4
  });

  test("leaves out what is too long for training, and says so", async () => {
    const { ports: own, notices } = portsWithNotices();
    const { train } = await task(undefined, own).load({ ...settings, maxTrainLength: 4, stackFrames: 1 });
    expect(train.count).toBe(4); // of four frames and a text of two letters
    expect(notices).toEqual([
      "20 + 4 + 6 .npy files for training, validation and test",
      "16 files of more than 4 frames are not trained on (maxTrainLength)",
    ]);
    await expectRejection(
      DataError,
      task().load({ ...settings, maxTrainLength: 1 }),
      "moves: expected files of at most 1 frames to train on, got none.",
      "raise maxTrainLength or stackFrames",
    );
  });

  test("is encoded for a model as that was trained", async () => {
    const { tokenizer, test: held } = await task().load(settings);
    const again = FramePairs.fromJSON(z.parse(FramePairsJSON, JSON.parse(JSON.stringify(tokenizer))));
    const part = await task().encode(again, "test");
    expect(part.sources.row(3)).toEqual(held.sources.row(3));
    expect(part.targets.row(3)).toEqual(held.targets.row(3));
    expect((await task().encode(again, "all")).count).toBe(30);
  });

  test("is refused for a model that reads something else", async () => {
    const { tokenizer } = await task().load(settings);
    const sounds = new FrameTask(
      {
        ...{ name: "talks", kind: ".wav", count: 9 },
        read: async () => ({ train: series(9), valid: [], test: series(2) }),
      },
      ports,
    );
    const message = "talks: expected .npy files, which the model reads, got .wav files.";
    const hint = "the data must be of the kind that the model was trained on";
    await expectRejection(DataError, sounds.encode(tokenizer, "test"), message, hint);
    const texts = await openTask("copy", { ...z.parse(TaskOptions, { length: 2 }), seed: 1 }, ports);
    await expectRejection(
      DataError,
      texts.encode(tokenizer, "test"),
      "copy: expected .npy files, which the model reads, got texts.",
      hint,
    );
  });

  test("without a file for training is refused", async () => {
    const empty = task({ train: [], valid: [], test: series(1) });
    await expectRejection(DataError, empty.load(settings), "moves: expected files for training, got none.");
  });

  test("says which of the test's files are trained on", async () => {
    const one = task({ train: series(3), valid: [], test: [...series(1), ...series(2, "t")] });
    await one.load(settings);
    expect(one.overlap()).toEqual([0]);
  });
});

test("positions are told by the frame where they begin, sounds by the second", async () => {
  const { tokenizer, train } = await task().load(settings);
  const row = train.sources.row(4); // 7 frames: 4 that the model reads
  expect(tokenizer.source.tokens(row)).toEqual(["1", "3", "5", "7"]);
  expect(tokenizer.source.tokens(row, 2)).toEqual(["1", "5"]);
  expect(tokenizer.source.decode(row)).toBe("8 frames");
  const json = tokenizer.toJSON();
  const sound = FramePairs.fromJSON({ ...json, frames: { ...json.frames, isSound: true } });
  expect(sound.source.tokens(row)).toEqual(["0.00", "0.02", "0.04", "0.06"]);
  expect(sound.source.decode(row)).toBe("0.08 s");
});

test("a list's files are those of its own folder, a test's list of its own", async () => {
  const [folder, other] = [makeFolder(), makeFolder()];
  for (const { file, frames } of series(20)) writeFileSync(join(folder, file), makeNpy(2, [...frames.values]));
  for (const { file, frames } of series(3, "t")) writeFileSync(join(other, file), makeNpy(2, [...frames.values]));
  const write = (path: string, list: Recording[]) =>
    writeFileSync(path, list.map(({ file, text }) => `${file}\t${text}`).join("\n"));
  write(join(folder, "moves.tsv"), series(20));
  write(join(other, "test.tsv"), series(3, "t"));
  const options = z.parse(TaskOptions, { test: join(other, "test.tsv") });
  const moves = await openTask(join(folder, "moves.tsv"), { ...options, seed: 1 }, ports);
  const { test: held, tokenizer } = await moves.load(settings);
  expect(held.texts?.map(({ source }) => source)).toEqual([0, 1, 2].map((i) => join(other, `t${i}.npy`)));
  expect(tokenizer).toBeInstanceOf(FramePairs);
});

test("a run that was interrupted ends in the same bits, and goes on with the same series only", async () => {
  const backend = openReference();
  const folder = makeFolder();
  const place = (name: string) => join(folder, name);
  const storage = folderStorage();
  const run = async (files: Omit<RunFiles, "storage">, signal?: AbortSignal, data = task()) => {
    const one = seq2seqRun(backend, await data.load(settings), settings);
    await one.resume({ storage, ...files });
    for await (const _ of one.train({ files: { storage, ...files }, ...(signal && { signal }) }));
  };
  await run({ out: place("whole"), checkpoint: place("a") });
  const { signal } = new AbortController();
  let asked = 0;
  Object.defineProperty(signal, "aborted", { get: () => ++asked > 7 }); // in the second epoch
  await run({ out: place("half"), checkpoint: place("b") }, signal);
  const others = task({ train: series(21).slice(1), valid: series(4, "v"), test: series(6, "t") });
  const message = `${place("b")}: expected the data with which the run began, got other data.`;
  await expectRejection(
    DataError,
    run({ out: place("half"), checkpoint: place("b") }, undefined, others),
    message,
    "bring back the data file",
  );
  await run({ out: place("half"), checkpoint: place("b") });
  expect(readFileSync(place("half")).equals(readFileSync(place("whole")))).toBe(true);
});
