import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { readModel } from "../../src/tasks/model-kinds.js";
import { makeFolder } from "../helpers/folder.js";

const example = fileURLToPath(new URL("../../examples/addition.mjs", import.meta.url));

describe("examples/addition.mjs", () => {
  test("trains an epoch, answers two questions, and saves its model", { timeout: 60_000 }, async () => {
    const cwd = makeFolder();
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [example, "1"], { cwd });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^epoch 1: \d+\.\d % right\n123\+456 = \d{1,4}\n9\+9 = \d{1,4}\n$/);
    expect(readdirSync(cwd)).toEqual(["addition.safetensors"]);
    const { config, tokenizer } = readModel("addition", readFileSync(join(cwd, "addition.safetensors")));
    expect(config).toMatchObject({
      kind: "seq2seq",
      decoder: "peeky",
      reverse: true,
      hiddenSize: 128,
      embeddingSize: 16,
    });
    expect(tokenizer.toJSON()).toMatchObject({ sourceWidth: 7, targetWidth: 5 });
    expect(existsSync("addition.safetensors")).toBe(false);
  });
});
