import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/tasks/model-kinds.js";
import { makeFolder } from "../helpers/folder.js";

const example = fileURLToPath(new URL("../../examples/language-model.mjs", import.meta.url));
const rhyme = "Peter Piper picked a peck of pickled peppers.\nA peck of pickled peppers Peter Piper picked.\n";
const run = (cwd: string, ...args: string[]) => promisify(execFile)(process.execPath, [example, ...args], { cwd });

describe("examples/language-model.mjs", () => {
  test("learns its rhyme by heart, writes it, and saves the model", { timeout: 60_000 }, async () => {
    const cwd = makeFolder();
    const { stdout, stderr } = await run(cwd);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^step 50: \d\.\d{3} nats per character\nstep 100: 0\.\d{3} nats per character\nPeter /);
    expect(stdout).toContain("a peck of pickled peppers");
    expect(readdirSync(cwd)).toEqual(["language-model.safetensors"]);
    const { config, tokenizer } = readModel("rhyme", readFileSync(join(cwd, "language-model.safetensors")));
    expect(config).toMatchObject({ kind: "language-model", vocabSize: 18, embeddingSize: 16, hiddenSize: 128 });
    expect(tokenizer).toMatchObject({ characters: [...new Set(rhyme)] });
    expect(existsSync("language-model.safetensors")).toBe(false);
  });

  test("takes another text and the number of steps", { timeout: 60_000 }, async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "song.txt"), "la la lé\n".repeat(300));
    const { stdout, stderr } = await run(cwd, "song.txt", "7");
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^step 5: \d\.\d{3} nats per character\nstep 7: \d\.\d{3} nats per character\nla la/);
  });
});
