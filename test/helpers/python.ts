import { spawnSync } from "node:child_process";

const { SEQLOOM_REQUIRE_ALL } = process.env;

const isThere = spawnSync("python3", ["-c", "print(1)"], { encoding: "utf8" }).stdout === "1\n";

/** For `test.skipIf`: true where there is no python3, unless `SEQLOOM_REQUIRE_ALL=1` forbids skipping. */
export const skipWithoutPython = !isThere && SEQLOOM_REQUIRE_ALL !== "1";

/** Reads a JSON list of programs and writes a JSON list of what each of them printed. */
const runner = `
import contextlib, io, json, sys
printed = []
for program in json.load(sys.stdin):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(program, {})
    printed.append(out.getvalue())
json.dump(printed, sys.stdout)
`;

/** What programs print in a real Python 3, all in one process. */
export function runInPython(programs: readonly string[]): unknown {
  const { stdout, stderr, status } = spawnSync("python3", ["-c", runner], {
    input: JSON.stringify(programs),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`runInPython: expected programs that run, got: ${stderr}`);
  return JSON.parse(stdout);
}
