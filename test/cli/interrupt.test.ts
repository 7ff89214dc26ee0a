import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { readModel } from "../../src/tasks/model-kinds.js";
import { type Outcome, outcomeOf, runBuilt, runHere, start } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

/** 7 steps in each of 100 epochs: half a second, with a checkpoint every few milliseconds. */
const train =
  "train seq2seq addition --digits 1 --hidden-size 4 --embedding-size 3 --batch-size 7 --epochs 100 --lr-schedule cosine --backend wasm --json".split(
    " ",
  );
const model = "addition-plain.safetensors";
const checkpoint = "addition-plain.checkpoint.safetensors";

/** Starts a training and ends it by a signal, so many milliseconds after it has saved its first checkpoint. */
async function endBy(signal: NodeJS.Signals, cwd: string, flags: readonly string[], delay = 0): Promise<Outcome> {
  const child = start([...train, ...flags], { cwd });
  const outcome = outcomeOf(child);
  let isSaved = false;
  child.stdout?.on("data", (text: string) => {
    if (isSaved || !text.includes('"checkpoint"')) return;
    isSaved = true;
    setTimeout(() => child.kill(signal), delay);
  });
  return outcome;
}

const ErrorReport = z.strictObject({ kind: z.literal("error"), message: z.string(), hint: z.nullable(z.string()) });
const errorOf = ({ stderr }: Outcome): z.infer<typeof ErrorReport> => z.parse(ErrorReport, JSON.parse(stderr));

/** The model of a run that nobody interrupted. */
let whole = Buffer.alloc(0);
beforeAll(async () => {
  const cwd = mkdtempSync(join(tmpdir(), "seqloom-"));
  expect(await runHere(train, cwd)).toMatchObject({ status: 0, stderr: "" });
  whole = readFileSync(join(cwd, model));
  rmSync(cwd, { recursive: true });
});

describe("a training that is interrupted", () => {
  test.each(["SIGINT", "SIGTERM"] as const)(
    "by %s saves a checkpoint, says how to go on, and ends in the same bits",
    async (signal) => {
      const cwd = makeFolder();
      const outcome = await endBy(signal, cwd, []);
      expect(outcome.status).toBe(130);
      const again = `seqloom ${train.slice(0, -1).join(" ")}`;
      const { kind, message } = JSON.parse(outcome.stderr);
      expect(kind).toBe("error");
      expect(message).toMatch(
        /^saved addition-plain\.checkpoint\.safetensors; continue with: seqloom train seq2seq addition /,
      );
      const last = outcome.stdout.trimEnd().split("\n").at(-1) ?? "";
      expect(JSON.parse(last)).toEqual({ kind: "saved", path: checkpoint, why: "checkpoint" });
      expect(readdirSync(cwd)).toEqual([checkpoint]);
      expect(readModel("c", readFileSync(join(cwd, checkpoint))).training?.steps).toBeLessThan(100 * 7);

      const words = message.split("continue with: seqloom ")[1].split(" ");
      expect(words.toSorted()).toEqual([...again.split(" ").slice(1), "--resume"].toSorted());
      expect(await runBuilt(words, { cwd })).toMatchObject({ status: 0 });
      expect(readFileSync(join(cwd, model)).equals(whole)).toBe(true);
      expect(existsSync(join(cwd, checkpoint))).toBe(false);
    },
  );

  test("is not begun anew over its checkpoint, nor resumed with other options or data", async () => {
    const cwd = makeFolder();
    await endBy("SIGINT", cwd, []);
    const before = readFileSync(join(cwd, checkpoint));
    for (const [flags, status, message] of [
      ["", 2, "expected a new file, got one that exists."],
      ["--resume --learning-rate 0.01", 1, "expected --learning-rate 0.001, with which the run began, got 0.01."],
      ["--resume --count 54", 1, "expected count left out, with which the run began, got 54."],
    ] as const) {
      const outcome = await runHere([...train, ...flags.split(" ")].filter(Boolean), cwd);
      expect(outcome).toMatchObject({ status, stdout: "" });
      expect(errorOf(outcome).message).toBe(`${checkpoint}: ${message}`);
      expect(readFileSync(join(cwd, checkpoint)).equals(before)).toBe(true);
    }
  });

  test("cannot be resumed where it never began", async () => {
    const cwd = makeFolder();
    const outcome = await runHere([...train, "--resume"], cwd);
    expect(outcome.status).toBe(1);
    expect(errorOf(outcome)).toEqual({
      kind: "error",
      message: `${checkpoint}: expected a checkpoint to resume, got no such file.`,
      hint: "leave --resume out to start a new run",
    });
  });
});

describe("a training that is killed", () => {
  test.each([0, 7, 25])(
    "%d ms after its first checkpoint leaves that, or a later one, whole, and is resumed to the same bits",
    async (delay) => {
      const cwd = makeFolder();
      writeFileSync(join(cwd, model), "earlier");
      const outcome = await endBy("SIGKILL", cwd, ["--force"], delay);
      expect(outcome.status).toBeNull();
      expect(readFileSync(join(cwd, model), "utf8")).toBe("earlier");
      const { training } = readModel("c", readFileSync(join(cwd, checkpoint)));
      expect(training?.steps).toBeGreaterThanOrEqual(7);
      expect(await runBuilt([...train, "--resume"], { cwd })).toMatchObject({ status: 0, stderr: "" });
      expect(readFileSync(join(cwd, model)).equals(whole)).toBe(true);
    },
  );
});

describe("a reader that has seen enough", () => {
  const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  /** What comes through a pipe, and the status of the program before it. */
  const pipe = (command: string, reader: string, cwd: string): Promise<string> =>
    new Promise((resolve) => {
      const words = `{ "$0" "$1" ${command}; echo "status $?" >status; } | ${reader}; cat status`;
      execFile("sh", ["-c", words, process.execPath, main], { cwd }, (_, stdout, stderr) => resolve(stdout + stderr));
    });

  test.skipIf(process.platform === "win32")("ends a training quietly", async () => {
    const cwd = makeFolder();
    const said = await pipe(train.join(" "), "head -n 1", cwd);
    expect(said).toMatch(/^\{"kind":"step".*\}\nstatus 0\n$/);
  });

  test.skipIf(process.platform === "win32")("ends other commands quietly, with or without standard error", async () => {
    const cwd = makeFolder();
    expect(await pipe("data addition", "head -n 1", cwd)).toBe("x_train  (45000, 7)\nstatus 0\n");
    expect(await pipe("--help", "true", cwd)).toBe("status 0\n");
    expect(await pipe("inspect none 2>&1", "true", cwd)).toBe("status 1\n");
    const short = "train seq2seq addition --digits 1 --epochs 1 --hidden-size 2";
    expect(await pipe(`${short} 2>&1 >out`, "true", cwd)).toBe("status 0\n");
    expect(existsSync(join(cwd, model))).toBe(true);
  });
});
