import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Each folder of `src` with the folders that it may import from; docs/architecture.md draws the same arrows. */
const below = ["models", "decode", "text", "metrics", "files", "report"];
const arrows: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  ...Object.fromEntries(below.map((folder) => [folder, ["engine", ...below]])),
  tasks: ["engine", ...below],
  run: ["engine", ...below, "tasks"],
  node: ["engine", ...below, "tasks", "run"],
  bench: ["engine", ...below, "tasks", "run", "node"],
  server: ["engine", ...below, "tasks", "run", "node"],
  cli: ["engine", ...below, "tasks", "run", "node", "server", "bench"],
  "index.ts": ["engine", ...below, "tasks", "run"],
};

function run(...args: string[]): string[] {
  return execFileSync(process.execPath, ["test/helpers/imports.mjs", ...args], { encoding: "utf8" })
    .trim()
    .split("\n");
}

const folderOf = (file: string): string => file.split("/")[1] ?? "";

describe("imports", () => {
  test("point one way: from the command line down to the engine", () => {
    const wrong = run().filter((line) => {
      const [from = "", to = ""] = line.split(" -> ").map(folderOf);
      return from !== to && !arrows[from]?.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  test("a task reaches no more of another task than pairs, which all share", () => {
    const wrong = run().filter((line) => {
      const [from = "", to = ""] = line.split(" -> ").map((file) => /^src\/tasks\/(\w+)\//.exec(file)?.[1]);
      return from !== "" && to !== "" && from !== to && to !== "pairs";
    });
    expect(wrong).toEqual([]);
  });

  test("train seq2seq reaches at most 60 files besides the engine", () => {
    expect(run("src/cli/commands/train-seq2seq.ts").length).toBeLessThanOrEqual(60);
  });
});

describe("the source", () => {
  const files = ["src", "studio", "kernels"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(tsx?|c|h|mjs|css)$/.test(name))
      .map((name) => ({ name: `${folder}/${name}`, code: readFileSync(`${folder}/${name}`, "utf8") })),
  );

  test("has files of at most 300 lines", () => {
    const long = files.filter(({ code }) => code.split("\n").length - 1 > 300).map(({ name }) => name);
    expect(long).toEqual([]);
  });

  test("has doc comments that begin with a noun or a verb", () => {
    const wrong = files.flatMap(({ name, code }) =>
      code
        .split("\n")
        .flatMap((line, i) => (/\/\*\*\s+(What|How|Where|Whether)\b/.test(line) ? [`${name}:${i + 1}`] : [])),
    );
    const openings = files.flatMap(({ name, code }) =>
      Array.from(code.matchAll(/\/\*\*\s*\n\s*\*\s+(What|How|Where|Whether)\b/g), () => name),
    );
    expect([...wrong, ...openings]).toEqual([]);
  });

  test("names no flag of the command line outside of it", () => {
    // Reports are left out: their style sheets are full of custom properties, `--ink`.
    const library = files.filter(({ name }) => /^src\/(?!cli|node|server|bench|report)/.test(name));
    const flags = library.flatMap(({ name, code }) =>
      code
        .split("\n")
        .flatMap((line, i) =>
          /["'`(\s]--[a-z][a-z-]+/.test(line) && !/^\s*(\*|\/\/)/.test(line) ? [`${name}:${i + 1}`] : [],
        ),
    );
    expect(flags).toEqual([]);
  });
});
