import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { makeFolder } from "../helpers/folder.js";

const example = fileURLToPath(new URL("../../examples/resume.mjs", import.meta.url));

/** Runs the example for two epochs. @param until ends the program once it has printed this */
async function run(cwd: string, until?: string): Promise<string> {
  const child = spawn(process.execPath, [example, "2"], { cwd });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (until !== undefined && printed.includes(until)) child.kill("SIGKILL");
  });
  await once(child, "close");
  return printed;
}

describe("examples/resume.mjs", () => {
  test("goes on from its checkpoint after it was killed, and ends in the same bits", { timeout: 120_000 }, async () => {
    const [whole, halved] = [makeFolder(), makeFolder()];
    expect(await run(whole)).toMatch(
      /^epoch 1: \d+\.\d % right\nepoch 2: \d+\.\d % right\n123\+456 = \d{1,4}\n9\+9 = \d{1,4}\n$/,
    );
    expect(readdirSync(whole)).toEqual(["addition.safetensors"]);
    await run(halved, "epoch 1");
    expect(readdirSync(halved)).toContain("addition.checkpoint.safetensors");
    expect(await run(halved)).toMatch(/^resumed at step 351\nepoch 2: /);
    const files = [whole, halved].map((folder) => readFileSync(join(folder, "addition.safetensors")));
    expect(files[0]?.equals(files[1] ?? Buffer.of())).toBe(true);
  });
});
