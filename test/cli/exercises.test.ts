import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readModel } from "../../src/tasks/model-kinds.js";
import { expectFailure, outcomeOf, runBuilt, runHere, start } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const train =
  "train seq2seq programs --digits 1 --curriculum combined --hidden-size 8 --embedding-size 5 --batch-size 8 --epochs 2 --backend wasm --threads 1 --json".split(
    " ",
  );
const model = "programs-execute.safetensors";
const checkpoint = "programs-execute.checkpoint.safetensors";

/** A folder with the model of a run that nobody interrupted, and its report. */
let cwd = "";
let reports: Record<string, unknown>[] = [];
beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), "seqloom-"));
  const { status, stdout, stderr } = await runHere(train, cwd);
  expect([status, stderr]).toEqual([0, ""]);
  reports = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}, 60_000);
afterAll(() => rmSync(cwd, { recursive: true }));

const program = "a=3\nprint((a+5))";

describe("exercises without end", () => {
  test("are evaluated after every 500 steps, by exact match and with teacher forcing, with a grid", () => {
    const evaluations = reports.filter(({ kind }) => kind === "evaluation");
    expect(evaluations.map(({ step, set }) => [step, set])).toEqual([
      [500, "valid"],
      [1000, "valid"],
    ]);
    for (const { tokenAccuracy, exactMatch, grid } of evaluations) {
      expect(tokenAccuracy).toBeGreaterThan(0.3); // the end of sequence alone is a third
      expect(grid).toMatchObject({ row: "nesting", column: "digits", cells: [{ exactMatch, tokenAccuracy }] });
    }
    expect(evaluations[0]).not.toHaveProperty("bleu");
  });

  test("leave a model that knows where it comes from, and a report with both grids", () => {
    const { training, tokenizer } = readModel(model, readFileSync(join(cwd, model)));
    expect(training).toMatchObject({ data: "programs", options: { digits: 1, curriculum: "combined" } });
    expect(tokenizer).toMatchObject({ source: { hasLines: true } });
    const html = readFileSync(join(cwd, "programs-execute.html"), "utf8");
    for (const title of ["Test set: exact match", "Test set: token accuracy (teacher forcing, characters)"])
      expect(html).toContain(`<h2>${title}</h2><div class="grid">`);
    expect(html).toContain("--curriculum combined");
  });

  test("are evaluated by `eval` on what training never saw, with grids as words and as JSON", async () => {
    const args = ["eval", model, "programs", "--backend", "wasm"];
    const { stdout, stderr, status } = await runHere(args, cwd);
    expect(status).toBe(0);
    expect(stderr).toContain("split as in training: --digits 1 --curriculum combined");
    expect(stdout).toMatch(/\nexact match by nesting and digits\n +1\n1 +[\d.]+ %\n/);
    expect(stdout).toMatch(/\ntoken accuracy \(teacher forcing, characters\) by nesting and digits\n/);
    const { grid, exactMatch } = JSON.parse((await runHere([...args, "--json"], cwd)).stdout);
    expect(grid.cells).toEqual([expect.objectContaining({ row: "1", column: "1", exactMatch })]);
  });

  test("a program on standard input is one question, and a blank line parts programs", async () => {
    const ask = (input: string) => runBuilt(["predict", model, "--json", "--backend", "wasm"], { cwd, input });
    const lines = ({ stdout }: { stdout: string }) =>
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
    const one = await ask(`${program}\n`);
    expect(one).toMatchObject({ status: 0, stderr: "" });
    expect(lines(one).map(({ input }) => input)).toEqual([program]);
    const two = lines(await ask(`${program}\r\n\r\nprint((1+2))`));
    expect(two.map(({ input }) => input)).toEqual([program, "print((1+2))"]);
    const asArgument = await runHere(["predict", model, `${program}\n`, "--json", "--backend", "wasm"], cwd);
    expect(JSON.parse(asArgument.stdout)).toMatchObject({ output: two[0].output, score: two[0].score });
  });

  test("a program with a character that it has never seen is an error that names its line", async () => {
    const input = `${program}\n\nprint("a")\n`;
    const { status, stderr } = await runBuilt(["predict", model, "--backend", "wasm"], { cwd, input });
    expect(status).toBe(1);
    expect(stderr).toContain('line 4: "print("a")", character 7: expected one of the 47 characters');
  });

  test("a program's file as a text is an error that says how the file is read", async () => {
    writeFileSync(join(cwd, "program.py"), program);
    await expectFailure(["predict", model, "program.py", "--backend", "wasm"], cwd, {
      status: 1,
      message: '"program.py", character 8: expected one of the 47 characters the model has seen, got ".".',
      hint: `to read the texts in this file: seqloom predict ${model} < program.py`,
    });
  });

  test("a training that is killed goes on to the same bits", async () => {
    const folder = makeFolder();
    const child = start(train, { cwd: folder });
    const outcome = outcomeOf(child);
    let isSaved = false;
    child.stdout?.on("data", (text: string) => {
      if (isSaved || !text.includes('"checkpoint"')) return;
      isSaved = true;
      setTimeout(() => child.kill("SIGKILL"), 30);
    });
    expect((await outcome).status).toBeNull();
    expect(readModel("c", readFileSync(join(folder, checkpoint))).training?.steps).toBe(500);

    const copy = makeFolder();
    for (const file of [checkpoint, model]) copyFileSync(join(folder, file), join(copy, file));
    const other = await runHere([...train, "--resume", "--digits", "2"], copy);
    const message = `${checkpoint}: expected digits 1, with which the run began, got 2.`;
    expect([other.status, other.stderr]).toEqual([1, expect.stringContaining(message)]);

    expect(await runHere([...train, "--resume"], folder)).toMatchObject({ status: 0, stderr: "" });
    expect(readFileSync(join(folder, model)).equals(readFileSync(join(cwd, model)))).toBe(true);
    expect(existsSync(join(folder, checkpoint))).toBe(false);
  }, 60_000);

  test("are shown by `data` as they are", async () => {
    const { stdout } = await runHere(["data", "programs", "--digits", "2"], cwd);
    expect(stdout).toMatch(/^x_train {2}\(infinite, \d+\)\n/);
    expect(stdout).toMatch(/\nprint\(/);
  });
});
