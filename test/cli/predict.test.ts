import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { saveModel } from "../../src/node/model-files.js";
import { hasAddon } from "../helpers/backends.js";
import { expectFailure, reportsOf, runBuilt, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { makeModel, makeModelFile } from "../helpers/models.js";

const compiled = hasAddon || process.env["SEQLOOM_REQUIRE_ALL"] === "1" ? ["wasm", "native"] : ["wasm"];
const backend = openReference();
const saved = makeModel(backend, { decoder: "peeky", hiddenSize: 6 });

/** What the model says to each text, as lines. */
const answers = (inputs: readonly string[]): string[] =>
  predict(backend, saved.model, saved.tokenizer, inputs).map(({ output }) => output);

/** A folder with the model in it. */
function makeFolderWithModel(): string {
  const cwd = makeFolder();
  saveModel(join(cwd, "m"), saved);
  return cwd;
}

const ask = (input: string | Uint8Array, ...flags: string[]) =>
  runBuilt(["predict", "m", "--backend", "reference", ...flags], { cwd: makeFolderWithModel(), input });

describe("seqloom predict", () => {
  test("answers its arguments, a line each, with the probability in JSON", async () => {
    const cwd = makeFolderWithModel();
    const args = ["predict", "m", "--backend", "reference", "1+2", "", "9+9"];
    const inputs = ["1+2", "", "9+9"];
    const plain = await runHere(args, cwd);
    expect(plain).toEqual({ status: 0, stdout: `${answers(inputs).join("\n")}\n`, stderr: "" });
    const expected = predict(backend, saved.model, saved.tokenizer, inputs);
    const reports = await runForReports(args, cwd);
    expect(reports).toEqual(expected.map((prediction) => ({ kind: "prediction", ...prediction })));
    for (const { score } of expected) expect(score).toBeLessThan(0);
  });

  test("answers the lines of standard input: CRLF or not, the last one ended or not, blank ones too", async () => {
    const expected = answers(["1+2", "", "3+4"]).join("\n");
    for (const input of ["1+2\n\n3+4\n", "1+2\r\n\r\n3+4\r\n", "1+2\n\n3+4"])
      expect(await ask(input)).toEqual({ status: 0, stdout: `${expected}\n`, stderr: "" });
    expect(await ask("1+2\n\n \n")).toMatchObject({ stdout: `${answers(["1+2", "", " "]).join("\n")}\n` });
    expect(await ask("\n")).toEqual({ status: 0, stdout: `${answers([""]).join("\n")}\n`, stderr: "" });
  });

  test("has nothing to say to nothing", async () => {
    expect(await ask("")).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(await ask("", "--json")).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("answers 2,000 lines in their order", async () => {
    const inputs = Array.from({ length: 2000 }, (_, i) => `${i % 10}+${Math.floor(i / 10) % 10}`);
    const outcome = await ask(`${inputs.join("\n")}\n`, "--json");
    expect(outcome.status).toBe(0);
    const reports = reportsOf(outcome);
    expect(reports.map((report) => report["input"])).toEqual(inputs);
    expect(reports.map((report) => report["output"])).toEqual(answers(inputs));
  });

  test("answers what comes before a line that it cannot read, and names that line and its beginning", async () => {
    const outcome = await ask(`1+2\n3+4\n${"1".repeat(1_000_000)}\n5+6\n`);
    const message = `line 3: "${"1".repeat(40)}…": expected at most 3 characters, as in training, got 1000000.`;
    const stdout = `${answers(["1+2", "3+4"]).join("\n")}\n`;
    expect(outcome).toEqual({ status: 1, stdout, stderr: `error: ${message}\n` });
  });

  test("refuses a line of more than a million characters", async () => {
    const outcome = await ask(`1+2\n${"1".repeat(1_200_000)}`);
    const message = "line 2: expected at most 1,000,000 characters, got more.";
    expect(outcome).toMatchObject({ status: 1, stderr: `error: ${message}\n` });
  });

  test("names a character that the model has never seen, and its place", async () => {
    const hint = "the model knows: 0 1 2 3 4 5 6 7 8 9 + ␠ _";
    const unseen = (text: string, place: number, character: string): string =>
      `"${text}", character ${place}: expected one of the 13 characters the model has seen, got "${character}".`;
    const cwd = makeFolderWithModel();
    for (const [text, place, character] of [
      ["1x2", 2, "x"],
      ["12🎉", 3, "🎉"],
      ["-1", 1, "-"],
    ] as const)
      await expectFailure(["predict", "m", "1+2", text], cwd, {
        status: 1,
        message: unseen(text, place, character),
        hint,
      });
    const bytes = Uint8Array.of(0x31, 0xff, 0x0a);
    expect((await ask(bytes)).stderr).toBe(`error: line 1: ${unseen("1\uFFFD", 2, "\uFFFD")}\nhint: ${hint}\n`);
  });

  test("reads a model from a path of any letters", async () => {
    const cwd = makeFolder();
    mkdirSync(join(cwd, "모델 🎉"));
    saveModel(join(cwd, "모델 🎉", "ä.safetensors"), saved);
    const { status, stdout } = await runHere(
      ["predict", "모델 🎉/ä.safetensors", "1+2", "--backend", "reference"],
      cwd,
    );
    expect([status, stdout]).toEqual([0, `${answers(["1+2"])}\n`]);
  });

  test("refuses a damaged model with status 1", async () => {
    const cwd = makeFolder();
    const bytes = makeModelFile();
    writeFileSync(join(cwd, "m"), bytes.subarray(0, 100));
    const outcome = await runHere(["predict", "m", "1+2"], cwd);
    expect(outcome).toMatchObject({ status: 1, stdout: "" });
    expect(outcome.stderr).toMatch(
      /^error: m: expected a header of \d+ bytes, got a file of 100\.\nhint: the file is damaged/,
    );
  });

  test.each(compiled)("answers with the %s backend as with the reference", async (name) => {
    const { status, stdout } = await runHere(["predict", "m", "1+2", "7+8", "--backend", name], makeFolderWithModel());
    expect([status, stdout]).toEqual([0, `${answers(["1+2", "7+8"]).join("\n")}\n`]);
  });
});
