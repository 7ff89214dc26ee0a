import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { DataError } from "../engine/errors.js";
import type { Speech } from "../tasks/task.js";
import { reason } from "./files.js";

const PROGRAM = "espeak-ng";

/** The program espeak-ng. */
export const espeak: Speech = {
  name: PROGRAM,
  parallel: availableParallelism(),

  async check() {
    await runProgram(["--version"]);
  },

  speak: ({ text, voice, speed, pitch, gap }) =>
    runProgram(["-v", voice, "-s", speed, "-p", pitch, "-g", gap, "--stdout", text].map(String)),
};

/** The output of the program. @throws DataError if it is missing or fails */
async function runProgram(args: readonly string[]): Promise<Uint8Array> {
  try {
    return (await promisify(execFile)(PROGRAM, args, { encoding: "buffer", maxBuffer: 2 ** 28 })).stdout;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new DataError(
      `spoken-digits: expected the program ${PROGRAM} to speak them, got ${isMissing ? "no such program" : reason(cause)}.`,
      `install it: apt install ${PROGRAM}, or brew install ${PROGRAM}`,
    );
  }
}
