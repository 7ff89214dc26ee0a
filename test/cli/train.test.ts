import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { readModel } from "../../src/tasks/model-kinds.js";
import { expectFailure, reportsOf, runBuilt, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

/** Trains on the 55 sums of one digit: 7 steps an epoch. */
const small = "train seq2seq addition --digits 1 --hidden-size 4 --embedding-size 3 --batch-size 7".split(" ");
const train = (flags: string): string[] => [...small, ...flags.split(" ").filter((word) => word !== "")];

const share = z.number().check(z.minimum(0), z.maximum(1));
const count = z.int().check(z.minimum(0));
const positive = z.number().check(z.gt(0));
const answer = z.object({ question: z.string(), reference: z.string(), prediction: z.string() });

/** The reports of section 5 of the design. */
const Reports = z.array(
  z.discriminatedUnion("kind", [
    z.object({
      ...{ kind: z.literal("step"), epoch: count, step: count, steps: count, loss: positive },
      ...{ gradNorm: positive, tokensPerSecond: positive, msPerStep: positive },
    }),
    z.object({
      ...{ kind: z.literal("evaluation"), epoch: count, step: count, set: z.literal("test"), count },
      ...{ exactMatch: share, positionAccuracy: share, loss: positive, perplexity: positive, samples: z.array(answer) },
    }),
    z.object({ kind: z.literal("saved"), path: z.string(), why: z.enum(["checkpoint", "end"]) }),
    z.object({ kind: z.literal("done"), steps: count, seconds: z.number().check(z.minimum(0)) }),
  ]),
);

const tensorsOf = (path: string) => readModel(path, readFileSync(path)).tensors;

describe("seqloom train seq2seq", () => {
  test("with --json prints reports and nothing else, done last", async () => {
    const cwd = makeFolder();
    const outcome = await runHere(train("--epochs 2 --json"), cwd);
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    const reports = z.parse(Reports, reportsOf(outcome));
    const words = reports.map((report) => (report.kind === "saved" ? `${report.why} ${report.path}` : report.kind));
    const epoch = ["step", "evaluation", "checkpoint addition-plain.checkpoint.safetensors"];
    expect(words).toEqual([...epoch, ...epoch, "end addition-plain.safetensors", "done"]);
    expect(reports.filter((report) => report.kind === "step").map(({ step, steps }) => [step, steps])).toEqual([
      [7, 14],
      [14, 14],
    ]);
    expect(reports.at(-1)).toMatchObject({ steps: 14 });
    expect(readdirSync(cwd)).toEqual(["addition-plain.html", "addition-plain.safetensors"]);
  });

  test("for people prints a line and the samples for each epoch, and says what to do next", async () => {
    const { status, stdout, stderr } = await runHere(train("--epochs 2"), makeFolder());
    expect(status).toBe(0);
    expect(stdout.match(/^addition · plain, epoch \d of 2: \d+\.\d % right, test loss \d\.\d{4}/gm)).toHaveLength(2);
    expect(stdout.match(/^ {2}[☑☒] \d\+\d {2}\d{1,2}/gm)).toHaveLength(12);
    expect(stderr).toMatch(
      /^\d+\.\d % right after .* s\nmodel {3}addition-plain\.safetensors\nreport {2}addition-plain\.html\nask it {2}seqloom predict addition-plain\.safetensors \d\+\d\n$/,
    );
  });

  test("with --quiet prints nothing", async () => {
    const cwd = makeFolder();
    expect(await runHere(train("--epochs 1 --quiet"), cwd)).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync(join(cwd, "addition-plain.safetensors"))).toBe(true);
  });

  test("of no epochs saves an untrained model, which predicts", async () => {
    const cwd = makeFolder();
    const reports = await runForReports(train("--epochs 0"), cwd);
    expect(reports.map(({ kind }) => kind)).toEqual(["saved", "done"]);
    const [prediction] = await runForReports(["predict", "addition-plain.safetensors", "1+2"], cwd);
    expect(prediction).toMatchObject({ kind: "prediction", input: "1+2" });
  });

  test("the same seed gives the same file, another seed or optimizer another", async () => {
    const cwd = makeFolder();
    const files = new Map<string, Buffer>();
    for (const flags of ["--seed 5", "--seed 5 ", "--seed 6", "--seed 5 --optimizer sgd", "--seed 5 --init uniform"]) {
      await runForReports(train(`--epochs 2 --force ${flags}`), cwd);
      files.set(flags, readFileSync(join(cwd, "addition-plain.safetensors")));
    }
    const [first, again, ...others] = files.values();
    expect(first && again?.equals(first)).toBe(true);
    for (const other of others) expect(first && other.equals(first)).toBe(false);
  });

  test.each(["wasm", "reference"])("--backend %s trains the same model within rounding", async (backend) => {
    const cwd = makeFolder();
    await runForReports(train("--epochs 2 --preset peeky --reverse --out native"), cwd);
    await runForReports(train(`--epochs 2 --preset peeky --reverse --out other --backend ${backend}`), cwd);
    const other = tensorsOf(join(cwd, "other"));
    for (const [name, { data }] of tensorsOf(join(cwd, "native"))) {
      const error = data.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - (other.get(name)?.data[i] ?? Number.NaN))),
        0,
      );
      expect(error).toBeLessThan(1e-4); // 14 steps in float32; the weights are of the order of 1
    }
    expect(readFileSync(join(cwd, "other.html"), "utf8")).toContain(`backend</dt><dd>${backend} (`);
  });

  test("an existing model, report or checkpoint is refused before training, and untouched", async () => {
    for (const [name, hint] of [
      ["addition-plain.safetensors", "replace it with --force, or choose --out"],
      ["addition-plain.html", "replace it with --force, or choose --out"],
      [
        "addition-plain.checkpoint.safetensors",
        "a run was interrupted: continue it with --resume, or start over with --force",
      ],
    ] as const) {
      const cwd = makeFolder();
      writeFileSync(join(cwd, name), "earlier");
      const message = `${name}: expected a new file, got one that exists.`;
      await expectFailure(train("--epochs 1"), cwd, { status: 2, message, hint });
      expect(readdirSync(cwd)).toEqual([name]);
      expect(readFileSync(join(cwd, name), "utf8")).toBe("earlier");
      expect(await runHere(train("--epochs 1 --force"), cwd)).toMatchObject({ status: 0 });
      expect(readdirSync(cwd)).toEqual(["addition-plain.html", "addition-plain.safetensors"]);
      expect(tensorsOf(join(cwd, "addition-plain.safetensors")).size).toBe(10);
    }
  });

  test.each([
    ["missing/m", "no such file or folder"],
    ["folder", "a folder"],
    ["file/m", "a path through a file"],
  ])("a place that cannot be written to is refused before training: --out %s", async (out, got) => {
    const cwd = makeFolder();
    mkdirSync(join(cwd, "folder"));
    writeFileSync(join(cwd, "file"), "");
    const message = `${out}: expected a writable file, got ${got}.`;
    const hint = "nothing was written: choose another path";
    await expectFailure(train(`--epochs 1 --force --out ${out}`), cwd, { status: 1, message, hint });
    expect(readdirSync(cwd)).toEqual(["file", "folder"]);
  });

  test("the report shows settings, samples and the command that makes it again", async () => {
    const cwd = makeFolder();
    await runForReports(train("--epochs 2 --learning-rate 0.0123 --out my.model --backend wasm --force"), cwd);
    const html = readFileSync(join(cwd, "my.model.html"), "utf8");
    for (const [label, value] of [
      ["learningRate", "0.0123"],
      ["hiddenSize", "4"],
      ["digits", "1"],
      ["training questions", "49"],
      ["test questions", "6"],
    ])
      expect(html).toContain(`<dt>${label}</dt><dd>${value}</dd>`);
    expect(html).toContain("backend</dt><dd>wasm (SIMD128), seqloom ");
    expect(html.match(/<tr class="(right|wrong)">/g)).toHaveLength(6);
    const again =
      "seqloom train seq2seq addition --hidden-size 4 --embedding-size 3 --batch-size 7 --epochs 2 --learning-rate 0.0123 --digits 1 --out my.model --backend wasm";
    expect(html).toContain(`<code>${again}</code>`);
    const first = readFileSync(join(cwd, "my.model"));
    expect(await runHere([...again.split(" ").slice(1), "--force"], cwd)).toMatchObject({ status: 0 });
    expect(readFileSync(join(cwd, "my.model")).equals(first)).toBe(true);
  });

  test("a file of any name is trained on, and its name is in the model's", async () => {
    const cwd = makeFolder();
    const lines = Array.from({ length: 20 }, (_, i) => `${"가나다라마"[i % 5]}🎉_${i % 3}é`);
    writeFileSync(join(cwd, "문답 1.txt"), `${lines.join("\r\n")}\r\n`);
    const outcome = await runHere(
      "train seq2seq|문답 1.txt|--epochs|1|--hidden-size|2".replace(" ", "|").split("|"),
      cwd,
    );
    expect(outcome.status).toBe(0);
    expect(outcome.stderr).toMatch(/ask it {2}seqloom predict '문답 1-plain\.safetensors' '.🎉'\n$/);
    const [prediction] = await runForReports(["predict", "문답 1-plain.safetensors", "라🎉"], cwd);
    expect(prediction).toMatchObject({ input: "라🎉" });
  });

  test("runs as a program of its own", async () => {
    const cwd = makeFolder();
    const { status, stdout, stderr } = await runBuilt(train("--epochs 1 --json"), { cwd });
    expect([status, stderr]).toEqual([0, ""]);
    expect(z.parse(Reports, reportsOf({ stdout })).at(-1)?.kind).toBe("done");
  });
});
