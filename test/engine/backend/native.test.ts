import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, realpathSync, symlinkSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { addonPath, openBackend, openNative } from "../../../src/node/backend.js";
import { hasAddon, instructionSets, openNativeWith } from "../../helpers/backends.js";
import { expectSameBits } from "../../helpers/close.js";
import { Desk, draw } from "../../helpers/desk.js";
import { makeFolder } from "../../helpers/folder.js";

const opened: Backend[] = [];
const open = (set?: string): Backend => {
  const backend = set ? openNativeWith(set) : openNative({ threads: 1, precision: "float32" });
  if (!backend) throw new Error(`expected an addon at ${addonPath()}`);
  opened.push(backend);
  return backend;
};

afterEach(() => {
  for (const backend of opened.splice(0)) backend.close();
});

/** Platforms that kernels/build.mjs builds an addon for. */
const platforms = /(linux|darwin|win32)-(x64|arm64)(-gnu|-musl)?\.node$/;
const skips = !hasAddon && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";

test.skipIf(!platforms.test(addonPath()))("the addon of this platform was built", () => {
  expect(existsSync(addonPath()), `${addonPath()}. Hint: node kernels/build.mjs`).toBe(true);
});

test("without an addon the backend is WebAssembly, and native is refused with a hint", () => {
  const folder = makeFolder(); // an installation without it
  cpSync("dist", join(folder, "dist"), { recursive: true, filter: (path) => !path.endsWith(".node") });
  cpSync("package.json", join(folder, "package.json"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const inspect = (...args: string[]): string =>
    spawnSync(process.execPath, [join(folder, "dist/cli/main.js"), "inspect", ...args], {
      encoding: "utf8",
    }).output.join("");
  expect(inspect("--json")).toContain('"backend":"wasm","instructionSet":"SIMD128"');
  const addon = join(realpathSync(folder), "dist/kernels", basename(addonPath()));
  expect(inspect("--backend", "native")).toBe(
    `error: Native backend: expected ${addon}, got no such file.\nhint: run npm run build\n`,
  );
});

describe.skipIf(skips)("the native backend", () => {
  test("loads, and names the best instruction set that it has", async () => {
    const backend = await openBackend();
    opened.push(backend);
    expect(backend.name).toBe("native");
    expect(backend.instructionSet).toBe(instructionSets[0]);
    expect(["AVX-512", "AVX2", "SSE4.2", "NEON"]).toContain(backend.instructionSet);
  });

  test.each(instructionSets)("runs with %s where that is asked for", (set) => {
    expect(open(set).instructionSet).toBe(set);
  });

  test("refuses an instruction set that the processor lacks, and names those it has", () => {
    const message = `SEQLOOM_INSTRUCTION_SET: expected one of ${instructionSets.join(", ")}, got "MMX".`;
    expect(() => open("MMX")).toThrow(message);
  });

  test("closed, says so instead of crashing, even when closed twice", () => {
    const backend = open();
    const [ys, xs] = [backend.arena.tensor([3]), backend.arena.tensor([3])];
    const weight = backend.arena.tensor([1]);
    backend.close();
    backend.close();
    expect(() => backend.kernels.accumulate({ ys }, { xs }, { R: 3 })).toThrow("the backend is closed");
    const sizes = { N: 1, T: 3, D: 1, C: 0, O: 1 };
    expect(() => backend.kernels.linearForward({ ys }, { xs, weight }, sizes)).toThrow("the backend is closed");
    expect(() => xs.data).toThrow(/detached/);
    expect(() => backend.arena.tensor([3])).toThrow(/detached/);
  });

  test("two that are open do not disturb one another, nor does closing one", () => {
    const run = (desk: Desk) => {
      const [N, T, D, O] = [3, 2, 50, 20];
      const [xs, weight, ys] = [desk.uniform([N, T, D]), desk.uniform([O, D]), desk.poison([N, T, O])];
      return {
        ys,
        step: () => desk.backend.kernels.linearForward({ ys }, { xs, weight }, { N, T, D, C: 0, O }),
      };
    };
    const [alone, a, b] = [open(), open(), open()].map((backend, i) => run(new Desk(backend, i < 2 ? 1 : 2)));
    for (const work of [alone, a, b]) work?.step();
    expectSameBits("ys", a?.ys.data, alone?.ys.data);
    expect(b?.ys.data).not.toEqual(a?.ys.data);
    opened[2]?.close();
    a?.step();
    expectSameBits("ys", a?.ys.data, alone?.ys.data);
  });

  test("a tensor that is too large is refused with the sizes", () => {
    const { arena } = open();
    const message =
      /^Memory: expected at most 4096 MiB, the limit of this backend, got a model that needs 409[67] MiB or more\.$/;
    expect(() => arena.tensor([2 ** 20, 1024])).toThrow(message);
    expect([...arena.tensor([2]).data]).toEqual([0, 0]);
  });

  test("memory is promised within the arena only, and while it is open", () => {
    const script = `
      const addon = require(${JSON.stringify(addonPath())});
      const buffer = addon.open(4096);
      const attempt = (bytes) => { try { addon.commit(buffer, bytes); return "yes"; } catch (error) { return error.message; } };
      const answers = [4096, 4097, -1].map(attempt);
      addon.close(buffer);
      console.log([...answers, attempt(64)].join());`;
    const said = execFileSync(process.execPath, ["-e", script], { encoding: "utf8" });
    expect(said).toBe("yes,more than the arena has,more than the arena has,the backend is closed\n");
  });

  test("reads and writes beyond 2 GiB", () => {
    const { arena, kernels } = open();
    // Address space only: an `Ints` is not written before it is used, and so takes no memory.
    arena.ints([2 ** 28 + 2 ** 27]);
    arena.ints([2 ** 28]);
    const [ys, xs] = [arena.tensor([100]), arena.tensor([100])];
    expect(xs.offset).toBeGreaterThan(2 ** 31);
    const values = draw(new Desk(open(), 1).random, 100);
    xs.data.set(values);
    kernels.accumulate({ ys }, { xs }, { R: 100 });
    expect(ys.data).toEqual(values);
  });

  test.skipIf(process.platform !== "linux")("gives its memory back when it is closed", () => {
    const { arena } = open();
    const before = process.memoryUsage.rss();
    arena.tensor([(200 * 2 ** 20) / 4]).data.fill(1);
    expect(process.memoryUsage.rss() - before).toBeGreaterThan(190 * 2 ** 20);
    opened[0]?.close();
    expect(process.memoryUsage.rss() - before).toBeLessThan(50 * 2 ** 20);
  });

  test.skipIf(process.platform !== "linux")("gives its address space back when nobody closes it", () => {
    const script = `
      const { readFileSync } = require("node:fs");
      const addon = require(${JSON.stringify(addonPath())});
      const kilobytes = () => Number(/VmSize:\\s*(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
      const before = kilobytes();
      for (let i = 0; i < 20; i++) addon.open(2 ** 32);
      const open = kilobytes() - before;
      gc();
      setTimeout(() => console.log(Math.round(open / 2 ** 20), Math.round((kilobytes() - before) / 2 ** 20)), 50);`;
    expect(execFileSync(process.execPath, ["--expose-gc", "-e", script], { encoding: "utf8" })).toBe("80 0\n");
  });
});
