import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { expectFailure, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { changeFile, makeModelFile, makeTextModelFile } from "../helpers/models.js";

const split = (line: string): string[] => line.split(" ");

/** Runs a command that must succeed. @returns its standard output */
async function run(line: string, cwd: string): Promise<string> {
  const { status, stdout, stderr } = await runHere([...split(line), "--backend", "wasm", "--quiet"], cwd);
  expect([status, stderr]).toEqual([0, ""]);
  return stdout;
}

/** A folder with a small file. */
function makeFolderWith(bytes: Uint8Array): string {
  const cwd = makeFolder();
  writeFileSync(join(cwd, "m.safetensors"), bytes);
  return cwd;
}

describe("an exported model gives the same answers as before", () => {
  test("to all sums of one digit", async () => {
    const cwd = makeFolder();
    const sizes = "--digits 1 --hidden-size 48 --batch-size 16 --learning-rate 0.01";
    await run(`train seq2seq addition --preset peeky --reverse ${sizes} --epochs 60 --out m.safetensors`, cwd);
    const sums = Array.from({ length: 100 }, (_, i) => `${Math.floor(i / 10)}+${i % 10}`).join(" ");
    const before = await run(`predict m.safetensors ${sums}`, cwd);
    expect(new Set(before.split("\n")).size).toBeGreaterThan(15); // it has learned to add
    for (const weights of ["float16", "int8"]) {
      await run(`export m.safetensors --weights ${weights}`, cwd);
      expect(await run(`predict m-${weights}.safetensors ${sums}`, cwd)).toBe(before);
    }
    const [large, half, quarter] = ["", "-float16", "-int8"].map(
      (end) => statSync(join(cwd, `m${end}.safetensors`)).size,
    );
    expect((half ?? 0) / (large ?? 1)).toBeLessThan(0.6);
    expect((quarter ?? 0) / (large ?? 1)).toBeLessThan(0.4);
  });

  test("to the beginning of a text, and all that inspect says of it stays", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "t.txt"), "the cat sat on the mat and the dog sat on the log\n".repeat(40));
    const sizes = "--hidden-size 24 --embedding-size 24 --batch-size 4 --seq-len 11 --cell gru";
    await run(`train lm t.txt ${sizes} --optimizer adam --learning-rate 0.01 --epochs 10 --out m.safetensors`, cwd);
    const written = (name: string) => run(`generate ${name} --prompt the --max-tokens 40 --greedy`, cwd);
    const [before, report] = [await written("m.safetensors"), await run("inspect m.safetensors --json", cwd)];
    expect(before).toMatch(/the cat sat on the/);
    await run("export m.safetensors --out half.safetensors", cwd);
    expect(await written("half.safetensors")).toBe(before);
    const withoutTensors = (json: string): unknown => ({ ...JSON.parse(json), tensors: [] });
    expect(withoutTensors(await run("inspect half.safetensors --json", cwd))).toEqual(withoutTensors(report));
  });
});

describe("seqloom export", () => {
  test("writes beside the model, by default float16, and says what it has saved", async () => {
    const cwd = makeFolder();
    const bytes = makeTextModelFile({ hiddenSize: 40 });
    mkdirSync(join(cwd, "models"));
    writeFileSync(join(cwd, "models", "m.safetensors"), bytes);
    const path = "models/m-float16.safetensors";
    const { status, stdout, stderr } = await runHere(["export", "models/m.safetensors"], cwd);
    const size = statSync(join(cwd, path)).size;
    const grouped = (n: number): string => n.toLocaleString("en");
    expect([status, stdout]).toEqual([0, `${path}\n`]);
    expect(stderr).toBe(`float16: ${grouped(size)} bytes instead of ${grouped(bytes.length)}\n`);
    const again = ["export", "models/m.safetensors", "--out", "n.safetensors"];
    expect(await runForReports(again, cwd)).toEqual([{ kind: "saved", path: "n.safetensors", why: "export" }]);
    expect(readFileSync(join(cwd, "n.safetensors"))).toEqual(readFileSync(join(cwd, path)));
  });

  test("replaces a file only with --force", async () => {
    const cwd = makeFolderWith(makeModelFile());
    writeFileSync(join(cwd, "m-int8.safetensors"), "mine");
    const args = ["export", "m.safetensors", "--weights", "int8"];
    const message = "m-int8.safetensors: expected a new file, got one that exists.";
    const hint = "replace it with --force, or choose --out";
    await expectFailure(args, cwd, { status: 2, message, hint });
    expect(readFileSync(join(cwd, "m-int8.safetensors"), "utf8")).toBe("mine");
    expect((await runHere([...args, "--force"], cwd)).status).toBe(0);
    expect(readFileSync(join(cwd, "m-int8.safetensors")).length).toBeGreaterThan(1000);
  });

  test("makes a model of a checkpoint, and says so", async () => {
    const state = { shape: [13], data: new Float32Array(13) };
    const checkpoint = changeFile(makeModelFile(), { checkpoint: "{}" }, (own) => {
      return new Map([...own, ["adam.v.decoder.linear.bias", state]]);
    });
    const cwd = makeFolderWith(checkpoint);
    const { stderr } = await runHere(["export", "m.safetensors", "--weights", "float32"], cwd);
    expect(stderr).toMatch(/^a checkpoint: only its model is exported, training cannot be resumed from it\n/);
    expect(readFileSync(join(cwd, "m-float32.safetensors"))).toEqual(Buffer.from(makeModelFile()));
  });

  test("refuses a weight too large, a damaged model and another form, and writes nothing", async () => {
    const cwd = makeFolderWith(
      changeFile(makeModelFile(), {}, (own) => {
        const large = { shape: [13, 3], data: new Float32Array(39).fill(70_000) };
        return new Map([...own, ["decoder.linear.weight", large]]);
      }),
    );
    writeFileSync(join(cwd, "cut.safetensors"), makeModelFile().subarray(0, 500));
    const message = "decoder.linear.weight: expected numbers up to 65504 for float16, got 70000.";
    await expectFailure(["export", "m.safetensors"], cwd, { status: 1, message, hint: "store it as float32" });
    const cut = await runHere(["export", "cut.safetensors"], cwd);
    expect(cut).toMatchObject({ status: 1, stdout: "", stderr: expect.stringMatching(/^error: cut\.safetensors: /) });
    const choices = '--weights: expected one of float32, float16, int8, got "flot16".';
    const hint = "did you mean float16?";
    await expectFailure(["export", "m.safetensors", "--weights", "flot16"], cwd, {
      status: 2,
      message: choices,
      hint,
    });
    expect(readdirSync(cwd).toSorted()).toEqual(["cut.safetensors", "m.safetensors"]);
  });
});
