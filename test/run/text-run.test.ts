import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodePorts } from "../../src/node/data-files.js";
import { folderStorage } from "../../src/node/files.js";
import { TextRun } from "../../src/run/text-run.js";
import { textSettings } from "../../src/tasks/texts/text-options.js";
import { loadText } from "../../src/tasks/texts/texts.js";
import { describeBackends } from "../helpers/backends.js";
import { expectFailure, runForReports } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const text = Array.from({ length: 80 }, (_, i) => `line ${i % 7} and ${i % 3}\n`).join("");
const sizes = {
  layers: 1,
  hiddenSize: 5,
  embeddingSize: 4,
  batchSize: 2,
  seqLen: 8,
  epochs: 2,
  tokenizer: "characters",
} as const;
const settings = textSettings({ seed: 1, ...sizes });

async function load(folder: string) {
  writeFileSync(join(folder, "lines.txt"), text);
  return loadText(join(folder, "lines.txt"), settings, nodePorts());
}

describeBackends((backend) => {
  test("a run that is left at any of its checkpoints, the last too, and resumed ends in the same file", async () => {
    const folder = makeFolder();
    const data = await load(folder);
    const [checkpoint, out] = [join(folder, "checkpoint"), join(folder, "out")];
    const copies: string[] = [];
    const files = { storage: folderStorage(), checkpoint, out };
    for await (const report of new TextRun(backend(), data, settings).train({ files, saveEvery: 20 })) {
      if (report.kind !== "saved" || report.why !== "checkpoint") continue;
      for (const path of [checkpoint, out]) if (existsSync(path)) copyFileSync(path, `${path}${copies.length}`);
      copies.push(String(copies.length));
    }
    const whole = readFileSync(out);
    expect(copies.length).toBeGreaterThan(3);
    for (const copy of copies) {
      const run = new TextRun(backend(), data, settings);
      const { storage } = files;
      expect(await run.resume({ storage, checkpoint: checkpoint + copy, out: out + copy })).toBe(true);
      for await (const report of run.train({ files: { storage, out: out + copy } })) expect(report.kind).toBeDefined();
      expect(readFileSync(out + copy).equals(whole), `from checkpoint ${copy}`).toBe(true);
    }
  });
});

describe("the model that is kept", () => {
  test("is saved with its own score, though a later one was worse", async () => {
    const folder = makeFolder();
    await load(folder);
    const wild = [
      "--layers",
      "1",
      "--hidden-size",
      "8",
      "--embedding-size",
      "4",
      "--batch-size",
      "2",
      "--seq-len",
      "8",
      "--epochs",
      "5",
    ];
    const args = [
      "train",
      "lm",
      "lines.txt",
      ...wild,
      "--lr-schedule",
      "constant",
      "--warmup-steps",
      "0",
      "--learning-rate",
      "0.3",
    ];
    const reports = await runForReports(args, folder);
    const losses = reports.filter((report) => report["set"] === "valid").map((report) => Number(report["perplexity"]));
    expect(losses.at(-1)).toBeGreaterThan(Math.min(...losses));
    const [file] = await runForReports(["inspect", "lines-characters.safetensors"], folder);
    expect(JSON.stringify(file)).toContain(`"validation":${Math.min(...losses)}`);
  });

  test("never replaces the text it learned from", async () => {
    const folder = makeFolder();
    await load(folder);
    await expectFailure(["train", "lm", "lines.txt", "--out", "lines.txt", "--force"], folder, {
      status: 2,
      message: "lines.txt: expected an output file, got one of the inputs.",
      hint: "choose --out",
    });
    expect(readFileSync(join(folder, "lines.txt"), "utf8")).toBe(text);
  });
});
