import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { openWasm } from "../../src/backend/wasm.js";
import { openBackend } from "../../src/node/backend.js";
import { kernelFolder } from "../../src/node/native.js";
import { hasAddon } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";

const requireAll = process.env["SEQLOOM_REQUIRE_ALL"] === "1";
const skipsNative = !hasAddon && !requireAll;
const engines = [["native", skipsNative] as const, ["wasm", false] as const];

const opened: Backend[] = [];
async function open(name: "native" | "wasm", threads: number): Promise<Backend> {
  const backend = await openBackend(name, { threads });
  opened.push(backend);
  return backend;
}
afterEach(() => {
  for (const backend of opened.splice(0)) backend.close();
});

/** A product on a backend: the same numbers for the same sizes. */
function product(backend: Backend, N: number, D: number, O: number) {
  const desk = new Desk(backend, 5, 64);
  const [xs, weight, ys] = [desk.uniform([N, D]), desk.uniform([O, D]), desk.poison([N, O])];
  const sizes = { N, T: 1, D, C: 0, O };
  return {
    run(): Float32Array {
      ys.data.fill(Number.NaN);
      backend.kernels.linearForward({ ys }, { xs, weight }, sizes);
      return ys.data;
    },
  };
}

describe.each(engines)("%s", (name, isSkipped) => {
  // A thread that waits for work sleeps after 50 µs, so time that the processors spend beyond the clock's is work shared.
  // A busy machine may have no second core to spare: one try out of many is enough.
  test.skipIf(isSkipped || availableParallelism() < 2)("two threads really compute at the same time", async () => {
    const { run } = product(await open(name, 2), 120, 256, 256);
    const shareOfCores = (milliseconds: number): number => {
      const [cpu, start] = [process.cpuUsage(), performance.now()];
      while (performance.now() - start < milliseconds) run();
      const { user, system } = process.cpuUsage(cpu);
      return (user + system) / 1000 / (performance.now() - start);
    };
    shareOfCores(200); // the engine compiles WebAssembly on threads of its own
    let most = 0;
    for (let i = 0; i < 100 && most < 1.4; i++) most = Math.max(most, shareOfCores(20));
    expect(most).toBeGreaterThan(1.4);
  });

  test.skipIf(isSkipped)("backends with different numbers of threads are used in turn", async () => {
    const work = [];
    for (const threads of [1, 3, 2]) work.push(product(await open(name, threads), 33, 150, 150));
    const [one, ...others] = work;
    const expected = one?.run().slice();
    for (let round = 0; round < 20; round++) for (const { run } of others) expectSameBits("product", run(), expected);
    opened[1]?.close(); // the largest: the others go on
    expectSameBits("product", others[1]?.run(), expected);
    expectSameBits("product", one?.run(), expected);
  });

  test.skipIf(isSkipped)("says how many threads it has", async () => {
    expect((await open(name, 3)).threads).toBe(3);
  });
});

test("WebAssembly: a thread that cannot be started is an error, and the others end", async () => {
  const ended: number[] = [];
  const opening = openWasm(readFileSync(new URL("kernels.wasm", kernelFolder)), {
    threads: 3,
    startThread: ({ self }) => ({
      ready: self === 2 ? Promise.reject(new Error("no worker here")) : Promise.resolve(),
      end: () => ended.push(self),
    }),
  });
  await expect(opening).rejects.toThrow("no worker here");
  expect(ended).toEqual([1, 2]);
});

describe.skipIf(skipsNative)("JavaScript threads that share the addon", () => {
  const script = fileURLToPath(new URL("../fixtures/pool.mjs", import.meta.url));
  const module = new URL("../../dist/node/backend.js", import.meta.url).href;

  // In a process of their own: a crash would take the test along.
  test.each([
    ["compute at the same time, and one after another ended", "together"],
    ["come and go while nobody else has the addon", "in-turn"],
  ])("%s", (_, how) => {
    const said = execFileSync(process.execPath, [script, module, how], { encoding: "utf8", timeout: 20_000 });
    expect(said).toBe("all products are right\n");
  });
});
