/**
 * The imports between the files of `src`.
 *
 *     node test/helpers/imports.mjs                                     every import, as `file -> file`
 *     node test/helpers/imports.mjs src/cli/commands/train-seq2seq.ts   the files that this one reaches
 *
 * Imports of types count. Files of the engine, and those loaded by `import()` when they are needed, do not count as reached.
 */
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const from = /^(?:import|export)\s[^;]*?\bfrom\s+"(\.[^"]+)"|^import\s+"(\.[^"]+)"/gm;

function importsOf(file) {
  const code = readFileSync(root + file, "utf8");
  return Array.from(code.matchAll(from), ([, named, bare]) =>
    posix.join(posix.dirname(file), named ?? bare).replace(/\.js$/, ".ts"),
  );
}

function reachedFrom(file, found = new Set()) {
  if (found.has(file) || file.startsWith("src/engine/")) return found;
  found.add(file);
  for (const next of importsOf(file)) reachedFrom(next, found);
  return found;
}

const [start] = process.argv.slice(2);
const lines = start
  ? [...reachedFrom(start)].sort()
  : readdirSync(`${root}src`, { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `src/${name.replaceAll("\\", "/")}`)
      .sort()
      .flatMap((file) => importsOf(file).map((other) => `${file} -> ${other}`));
for (const line of lines) console.log(line);
