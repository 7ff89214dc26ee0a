import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { openReference } from "../../src/engine/backend/reference.js";
import { folderStorage } from "../../src/node/files.js";
import { saveModel } from "../../src/node/model-files.js";
import { seq2seqRun } from "../../src/run/pair-run.js";
import { pairSettings } from "../../src/tasks/pairs/pair-options.js";
import { hasAddon, instructionSets } from "../helpers/backends.js";
import { expectFailure, runBuilt, runForReports, runHere } from "../helpers/command.js";
import { skipWithoutData } from "../helpers/data.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModel, sums } from "../helpers/models.js";

/** A folder with an untrained model of sums. */
function makeFolderWithModel(): string {
  const cwd = makeFolder();
  const training = { data: "addition", seed: 7, epochs: 3, steps: 12, options: {}, scores: { exactMatch: 0.25 } };
  saveModel(join(cwd, "m.safetensors"), { ...makeModel(openReference()), training });
  return cwd;
}

describe("seqloom data", () => {
  test.skipIf(skipWithoutData("addition.txt"))("shows the book's shapes, vocabulary and first samples", async () => {
    const env = { SEQLOOM_DATA: process.env["SEQLOOM_DATA"] ?? "" };
    const { status, stdout, stderr } = await runBuilt(["data", "addition.txt"], { cwd: makeFolder(), env });
    expect([status, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines.slice(0, 7)).toEqual([
      "x_train  (45000, 7)",
      "t_train  (45000, 5)",
      "x_test  (5000, 7)",
      "t_test  (5000, 5)",
      "vocabulary of 13: 1 6 + 7 5 ␠ _ 9 2 0 3 8 4",
      "[3 0 2 0 0 11 5]  [6 0 11 7 5]",
      "71+118   _189 ",
    ]);
  });

  test.each([
    [
      "shapes --digits 3",
      "--digits: expected addition or programs or copy or copy-doubled or copy-reversed, got shapes.",
    ],
    ["dates --nesting 2", "--nesting: expected programs, got dates."],
    ["spoken-digits --split book", "--split: expected a file, got spoken-digits."],
    ["spoken-digits --size 32", "--size: expected shapes, got spoken-digits."],
    ["copy --nesting 1", "--nesting: expected programs, got copy."],
    [
      "dates --curriculum mixed",
      "--curriculum: expected programs or copy or copy-doubled or copy-reversed or addition, got dates.",
    ],
    ["sums.txt --write folder", "--write: expected shapes or spoken-digits, got sums.txt."],
  ])("%s is refused: the dataset has no such option", async (words, message) => {
    await expectFailure(["data", ...words.split(" ")], makeFolder(), { status: 2, message });
  });

  test.each(["shapes", "spoken-digits"])("%s --write is refused where a file is in the way", async (name) => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "a.png"), "");
    const hint = "nothing was written: choose another path";
    const write = (place: string): string[] => ["data", name, "--count", "20", "--write", place];
    await expectFailure(write("a.png"), cwd, {
      status: 1,
      message: "a.png: expected a folder, got a file of that name.",
      hint,
    });
    const through = "a.png/b: expected a folder, got a path through a file.";
    await expectFailure(write("a.png/b"), cwd, { status: 1, message: through, hint });
  });

  test("with --json is one report of the same", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "ünï 🎉.txt"), "1+2_3\n2+2_4\n3+2_5\n");
    const reports = await runForReports(["data", "ünï 🎉.txt", "--split", "book"], cwd);
    // np.random.seed(1984); idx = np.arange(3); np.random.shuffle(idx)
    expect(reports).toHaveLength(1);
    expect(reports[0]).toMatchObject({
      kind: "dataset",
      name: "ünï 🎉",
      shapes: { x_train: [2, 3], t_train: [2, 2], x_test: [1, 3], t_test: [1, 2] },
      vocabulary: [..."1+2_345"],
    });
    expect(reports[0]?.["samples"]).toHaveLength(2);
  });

  test("makes the same questions for the same seed", async () => {
    const cwd = makeFolder();
    const show = (seed: string) => runForReports(["data", "addition", "--digits", "2", "--seed", seed], cwd);
    expect(await show("4294967295")).toEqual(await show("4294967295"));
    expect(await show("1")).not.toEqual(await show("2"));
  });
});

describe("seqloom inspect", () => {
  test("names the version, the backend, its instruction set and threads", async () => {
    for (const [name, set] of [
      ["wasm", "SIMD128"],
      ["reference", "JavaScript"],
    ]) {
      const [machine, ...more] = await runForReports(["inspect", "--backend", name ?? ""], makeFolder());
      expect(more).toEqual([]);
      expect(machine).toMatchObject({
        precision: "float32",
        kind: "machine",
        version: packageJson.version,
        backend: name,
        instructionSet: set,
        threads: name === "wasm" ? availableParallelism() : 1,
      });
    }
  });

  test.skipIf(!hasAddon && process.env["SEQLOOM_REQUIRE_ALL"] !== "1")(
    "runs natively where the addon was built",
    async () => {
      const [machine] = await runForReports(["inspect"], makeFolder());
      expect(machine).toMatchObject({ backend: "native", instructionSet: instructionSets[0] });
      const { stdout } = await runHere(["inspect"], makeFolder());
      expect(stdout).toMatch(/^backend +native$/m);
      expect(stdout).toMatch(new RegExp(`^instructionSet +${instructionSets[0]}$`, "m"));
    },
  );

  test("says what is in a model file", async () => {
    const cwd = makeFolderWithModel();
    const [report, ...more] = await runForReports(["inspect", "m.safetensors"], cwd);
    expect(more).toEqual([]);
    // 2·13·2 for embeddings, 2·(12·2 + 12·3 + 12) for LSTMs, 13·3 + 13 for the linear layer.
    expect(report).toMatchObject({
      ...{ kind: "model", version: 2, parameters: 52 + 144 + 52 },
      config: { kind: "seq2seq", embeddingSize: 2, hiddenSize: 3 },
      tokenizer: { sourceWidth: 3, targetWidth: 3, start: "_" },
      training: { data: "addition", seed: 7, epochs: 3, steps: 12, scores: { exactMatch: 0.25 } },
    });
    expect(report?.["tensors"]).toContainEqual({ name: "encoder.lstm.weight_hh_l0", shape: [12, 3] });
    const { stdout } = await runHere(["inspect", "m.safetensors"], cwd);
    expect(stdout).toMatch(/^parameters +248$/m);
    expect(stdout).toMatch(/^encoder\.lstm\.weight_hh_l0 +\(12, 3\)$/m);
  });

  test("counts a checkpoint's parameters without the optimizer's state", async () => {
    const cwd = makeFolder();
    const options = pairSettings({ hiddenSize: 3, embeddingSize: 2, epochs: 1, seed: 1 });
    const run = seq2seqRun(openReference(), sums, options);
    for await (const report of run.train({ files: { storage: folderStorage(cwd), checkpoint: "c" } }))
      expect(report.kind).toBeDefined();
    const [report] = await runForReports(["inspect", "c"], cwd);
    expect(report?.["parameters"]).toBe(248);
  });
});

describe("seqloom eval", () => {
  test("scores a model on a part of a task, in fractions", async () => {
    const cwd = makeFolderWithModel();
    for (const [part, count] of [
      ["test", 6],
      ["train", 49],
    ] as const) {
      const [report, ...more] = await runForReports(
        ["eval", "m.safetensors", "addition", "--digits", "1", "--on", part],
        cwd,
      );
      expect(more).toEqual([]);
      expect(report).toMatchObject({ kind: "evaluation", set: part, count });
      for (const rate of ["exactMatch", "positionAccuracy"]) {
        expect(report?.[rate]).toBeGreaterThanOrEqual(0);
        expect(report?.[rate]).toBeLessThanOrEqual(1);
      }
      expect(report?.["perplexity"]).toBeCloseTo(13, -1);
    }
    const { stdout } = await runHere(["eval", "m.safetensors", "addition", "--digits", "1"], cwd);
    expect(stdout).toMatch(/^test: 6 questions, answered in \d/);
    expect(stdout).toMatch(/^exact match {15}\d+\.\d %$/m);
    expect(stdout).toMatch(/^error rate \(characters\) {3}\d+\.\d\d %$/m);
    expect(stdout).toMatch(/^perplexity {16}\d+\.\d{4}$/m);
    expect(stdout.match(/^ {2}[☑☒] \d\+\d /gm)).toHaveLength(6);
  });

  test("reads a file by the model's own vocabulary, whatever order the file has", async () => {
    const cwd = makeFolderWithModel();
    writeFileSync(join(cwd, "sums.txt"), "9+9_18\n1+1_2 \n");
    const [report] = await runForReports(["eval", "m.safetensors", "sums.txt", "--on", "train"], cwd);
    expect(report).toMatchObject({ count: 1, samples: [{ reference: expect.stringMatching(/^(18|2)$/) }] });
  });

  test("refuses data that the model cannot read", async () => {
    const cwd = makeFolderWithModel();
    writeFileSync(join(cwd, "wide.txt"), "10+10_20\n10+11_21\n");
    writeFileSync(join(cwd, "other.txt"), "1-1_0\n2-2_0\n");
    const wide = await runHere(["eval", "m.safetensors", "wide.txt"], cwd);
    expect(wide.stderr).toMatch(/^error: "10\+1[01]": expected at most 3 characters, as in training, got 5\.\n$/);
    const other = await runHere(["eval", "m.safetensors", "other.txt"], cwd);
    expect(other.stderr).toMatch(/^error: "(1-1|2-2)", character 2: expected one of the 13 characters .*, got "-"\.\n/);
    expect([wide.status, other.status]).toEqual([1, 1]);
  });
});
