import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import type { AnswerOptions } from "../../src/decode/answer.js";
import { predict } from "../../src/decode/predict.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { writeModel } from "../../src/files/model-file.js";
import type { SavedSeq2Seq } from "../../src/tasks/model-kinds.js";
import { expectFailure, outcomeOf, reportsOf, runBuilt, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";
import { makeTextModelFile } from "../helpers/models.js";
import { trainTextModel } from "../helpers/text-model.js";

const backend = openReference();
let saved: SavedSeq2Seq | undefined;
let bytes: Uint8Array = new Uint8Array(0);
beforeAll(async () => {
  saved = await trainTextModel(backend);
  bytes = writeModel(saved);
});

function folder(): string {
  const cwd = makeFolder();
  writeFileSync(join(cwd, "m"), bytes);
  return cwd;
}

const replyTo = (input: string, options: AnswerOptions = {}): string => {
  if (!saved) throw new Error("expected a model");
  return predict(backend, saved.model, saved.tokenizer, [input], options)[0]?.output ?? "?";
};
const talk = (lines: readonly string[], ...flags: string[]) =>
  runBuilt(["chat", "m", "--backend", "reference", ...flags], { cwd: folder(), input: `${lines.join("\n")}\n` });

describe("a conversation through a pipe", () => {
  test("has a reply to each line, empty ones too, and no prompt", async () => {
    const said = ["abc", "", "dddd a", "abc"];
    const replies = said.map((line) => replyTo(line));
    expect(await talk(said)).toEqual({ status: 0, stdout: `${replies.join("\n")}\n`, stderr: "" });
  });

  test("in JSON has an object for each", async () => {
    const outcome = await talk(["abc", "/beam 3", "d"], "--json");
    expect(outcome).toMatchObject({ status: 0, stderr: "" });
    expect(reportsOf(outcome)).toMatchObject([
      { kind: "prediction", input: "abc", output: replyTo("abc") },
      { kind: "prediction", input: "d", output: replyTo("d", { beam: 3 }) },
    ]);
  });

  test("shows the model what was said before, by both, as far as asked, until it is told to forget", async () => {
    const outcome = await talk(["ab", "cd", "da", "/reset", "ab"], "--history", "3", "--separator", "", "--json");
    const inputs: string[] = ["ab"];
    inputs.push(`ab${replyTo("ab")}cd`);
    inputs.push(`${replyTo("ab")}cd${replyTo(inputs[1] ?? "")}da`, "ab");
    expect(reportsOf(outcome).map((report) => report["input"])).toEqual(inputs);
    const alone = reportsOf(await talk(["ab", "cd"], "--json"));
    expect(alone.map((report) => report["input"])).toEqual(["ab", "cd"]);
    const blank = reportsOf(await talk(["ab", "cd"], "--json", "--history", "1"));
    expect(blank[1]?.["input"]).toBe(`${replyTo("ab")} cd`);
  });

  test("changes how it answers, and says so", async () => {
    const { stdout, stderr } = await talk([
      "abcd",
      "/temperature 4",
      "abcd",
      "abcd",
      "/temperature 0",
      "abcd",
      "/beam 5",
      "abcd",
    ]);
    const drawn = (first: number) => replyTo("abcd", { temperature: 4, seed: 1, first });
    const greedy = replyTo("abcd");
    expect(stdout.split("\n")).toEqual([greedy, drawn(1), drawn(2), greedy, replyTo("abcd", { beam: 5 }), ""]);
    expect(drawn(1)).not.toBe(drawn(2));
    expect(stderr).toBe("temperature 4\nalways the most probable token\nbeam 5\n");
  });

  test("goes on after a line that it does not understand", async () => {
    const outcome = await talk(["/bea 3", "/beam x", "/temperature", "ab", "/quit", "cd"]);
    expect(outcome.stdout).toBe(`${replyTo("ab")}\n`);
    expect(outcome.stderr.split("\n")).toEqual([
      'error: chat: expected one of /reset, /temperature, /beam, /help, /quit, got "/bea".',
      "hint: did you mean /beam?",
      'error: --beam: expected an integer from 1 to 1000, got "x".',
      'error: --temperature: expected a number from 0.001 to 100, got "".',
      "",
    ]);
    expect(outcome.status).toBe(0);
    const unreadable = await talk(["xyz", "ab"]);
    expect(unreadable).toMatchObject({ status: 0, stdout: `${replyTo("ab")}\n` });
    expect(unreadable.stderr).toContain('error: "xyz", character 1: expected one of the 5 characters');
  });

  test("lists its commands on request, as --help does", async () => {
    const { stderr } = await talk(["/help"]);
    expect(stderr.match(/^ {2}\/\w+/gm)).toEqual(["  /reset", "  /temperature", "  /beam", "  /help", "  /quit"]);
    expect((await runHere(["chat", "--help"], makeFolder())).stdout).toContain(stderr.trimEnd());
  });

  test("is not for language models", async () => {
    const cwd = makeFolder();
    writeFileSync(join(cwd, "m"), makeTextModelFile());
    await expectFailure(["chat", "m"], cwd, {
      ...{ status: 1, message: "m: expected a seq2seq model, got a language model." },
      hint: "seqloom generate writes with it",
    });
  });
});

const hasTerminals = spawnSync("script", ["--version"]).status === 0 && process.platform === "linux";

/** Talks with the program through a terminal of its own; each key is pressed when a prompt stands there. */
async function type(keys: readonly string[]): Promise<{ status: number | null; stdout: string }> {
  const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  const command = `'${process.execPath}' '${main}' chat m --backend wasm --threads 1`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: folder(),
    env: { ...process.env, TERM: "xterm" },
  });
  const left = [...keys];
  child.stdout.on("data", (text: Buffer) => {
    if (text.includes("> ")) child.stdin.write(left.shift() ?? "");
  });
  const { status, stdout } = await outcomeOf(child);
  return { status, stdout };
}

describe.skipIf(!hasTerminals && process.env["SEQLOOM_REQUIRE_ALL"] !== "1")("a conversation in a terminal", () => {
  test("has a prompt before each line, and ends with Ctrl-D or /quit", async () => {
    const { status, stdout } = await type(["abc\r", "\r", "/beam 2\r", "\u0004"]);
    expect(status).toBe(0);
    expect(stdout).toContain("Say something. /help lists the commands, /quit ends.");
    expect(stdout).toContain(`\n${replyTo("abc")}\r\n`);
    expect(stdout).toContain("\nbeam 2\r\n");
    expect(stdout.match(/> /g)).toHaveLength(4);
    expect(await type(["/quit\r"])).toMatchObject({ status: 0 });
  });

  test("ends with Ctrl-C, with status 130", async () => {
    const { status, stdout } = await type(["abc\r", "\u0003"]);
    expect(status).toBe(130);
    expect(stdout).toMatch(/the conversation was interrupted\.\r\n$/);
  });
});
