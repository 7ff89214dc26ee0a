import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { addonPath, kernelFolder } from "../src/node/backend.js";

const requireAll = process.env["SEQLOOM_REQUIRE_ALL"] === "1";
const addons = ["linux-x64-gnu", "linux-x64-musl", "linux-arm64-gnu", "linux-arm64-musl", "darwin-x64", "darwin-arm64"]
  .concat("win32-x64", "win32-arm64")
  .map((name) => `${name}.node`);
const missing = addons.filter((name) => !existsSync(new URL(name, kernelFolder)));

const Packed = z.tuple([z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) })]);
const windows = process.platform === "win32";

let folder = "";
let packed: z.infer<typeof Packed>[0];

/** What a command says; its standard error is shown where it fails. */
function run(command: string, args: readonly string[], cwd = folder): string {
  return execFileSync(windows ? `${command}.cmd` : command, args, {
    cwd,
    encoding: "utf8",
    stdio: "pipe",
    shell: windows,
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "seqloom-"));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  [packed] = z.parse(Packed, JSON.parse(run("npm", args, ".")));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the package", () => {
  test.skipIf(missing.length > 0 && !requireAll)("holds the addon of every platform", () => {
    const paths = packed.files.map(({ path }) => path).filter((path) => path.endsWith(".node"));
    expect(paths.map((path) => basename(path)).sort()).toEqual([...addons].sort());
  });

  test("holds the built studio", () => {
    const paths = packed.files.map(({ path }) => path).filter((path) => path.startsWith("dist/studio/"));
    const kinds = ["index.html", "service-worker.js", /^assets\/index-.*\.css$/, /^assets\/kernels-.*\.wasm$/];
    for (const kind of [...kinds, /^assets\/worker-.*\.js$/, /^assets\/thread-.*\.js$/])
      expect(paths.map((path) => path.slice("dist/studio/".length))).toContainEqual(expect.stringMatching(kind));
  });

  test("holds the library with its types, the WebAssembly, the studio, the two texts, and nothing else", () => {
    const paths = packed.files.map(({ path }) => path).filter((path) => !path.startsWith("dist/studio/"));
    const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const modules = files.map((name) => `dist/${name.replaceAll("\\", "/").slice(0, -3)}`);
    const built = modules.flatMap((module) => [`${module}.js`, `${module}.d.ts`]);
    const rest = ["LICENSE", "README.md", "dist/kernels/kernels.wasm", "package.json"];
    const own = paths.filter((path) => !path.endsWith(".node")).sort();
    expect(own, "Hint: dist may be from other sources; delete it and npm run build").toEqual(
      [...built, ...rest].sort(),
    );
  });
});

describe("installed from its file into an empty folder, with no network and no scripts", () => {
  const inspect = (): unknown => JSON.parse(run("npx", ["--offline", "seqloom", "inspect", "--json"]));
  const train = (): string => {
    const options = ["--count", "500", "--epochs", "1", "--hidden-size", "16", "--seed", "1", "--force", "--json"];
    return run("npx", ["--offline", "seqloom", "train", "seq2seq", "addition", ...options]);
  };

  beforeAll(() => {
    // Where there is no network, npm takes the packages that the program depends on from here.
    for (const path of run("npm", ["ls", "--omit=dev", "--all", "--parseable"], ".").trim().split("\n").slice(1))
      cpSync(path, join(folder, relative(process.cwd(), path)), { recursive: true });
    run("npm", ["install", "--ignore-scripts", "--offline", "--no-audit", "--no-fund", packed.filename]);
  }, 60_000);

  test.skipIf(!existsSync(addonPath()) && !requireAll)("it trains on the addon", () => {
    expect(inspect()).toMatchObject({ kind: "machine", backend: "native" });
    expect(train()).toContain('"kind":"done"');
  });

  test("it can be imported by its names", () => {
    const script =
      'import { Adam } from "seqloom"; import { openBackend } from "seqloom/node"; console.log(Adam.name, openBackend.name)';
    const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(said).toBe("Adam openBackend\n");
  });

  test("without the addon it trains on WebAssembly", () => {
    rmSync(join(folder, "node_modules/seqloom/dist/kernels", basename(addonPath())), { force: true });
    expect(inspect()).toMatchObject({ kind: "machine", backend: "wasm", instructionSet: "SIMD128" });
    expect(train()).toContain('"kind":"done"');
  });
});
