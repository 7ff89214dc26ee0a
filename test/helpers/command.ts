import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import * as z from "zod/mini";
import { runProgram } from "../../src/cli/program.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process: it reads no standard input and gets no signal, but takes milliseconds. */
export async function runHere(args: readonly string[], cwd: string): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const before = process.cwd();
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((text) => {
      written[name] += text;
      return true;
    }),
  );
  vi.stubEnv("SEQLOOM_DATA", undefined);
  vi.stubEnv("XDG_DATA_HOME", cwd);
  process.chdir(cwd);
  try {
    return { status: await runProgram(args), ...written };
  } finally {
    process.chdir(before);
    vi.unstubAllEnvs();
    for (const spy of spies) spy.mockRestore();
  }
}

export interface Surroundings {
  readonly cwd: string;
  /** What stands on standard input. */
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the built program in a folder, with no data but what is there. */
export function start(args: readonly string[], { cwd, env = {} }: Surroundings): ChildProcess {
  const own = { SEQLOOM_DATA: undefined, SEQLOOM_INSTRUCTION_SET: undefined, XDG_DATA_HOME: cwd, ...env };
  return spawn(process.execPath, [main, ...args], { cwd, env: { ...process.env, ...own } });
}

/** Runs the built program to its end. */
export function runBuilt(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const child = start(args, surroundings);
  child.stdin?.on("error", () => {}); // a program that fails early does not read it
  child.stdin?.end(surroundings.input ?? "");
  return outcomeOf(child);
}

/** What a program that was started leaves in the end; the status is null where a signal ended it. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, ...written }));
  });
}

const Report = z.looseObject({ kind: z.string() });
export type Report = z.infer<typeof Report>;

/** The reports of a program that ran with --json: every line of its standard output is one. */
export function reportsOf({ stdout }: Pick<Outcome, "stdout">): Report[] {
  if (stdout !== "") expect(stdout.at(-1)).toBe("\n");
  const lines = stdout.split("\n").slice(0, -1);
  return lines.map((line) => z.parse(Report, JSON.parse(line)));
}

/** Runs a command that must succeed with --json, without a word on standard error. @returns its reports */
export async function runForReports(args: readonly string[], cwd: string): Promise<Report[]> {
  const outcome = await runHere([...args, "--json"], cwd);
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
  return reportsOf(outcome);
}

/** Fails unless a command fails in these very words, with and without --json, and says nothing on standard output. */
export async function expectFailure(
  args: readonly string[],
  cwd: string,
  { status, message, hint }: { status: number; message: string; hint?: string | undefined },
): Promise<void> {
  const plain = await runHere(args, cwd);
  expect(plain.stderr).toBe(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  expect(plain).toMatchObject({ status, stdout: "" });
  const json = await runHere([...args, "--json"], cwd);
  expect(JSON.parse(json.stderr)).toEqual({ kind: "error", message, hint: hint ?? null });
  expect(json).toMatchObject({ status, stdout: "" });
}
