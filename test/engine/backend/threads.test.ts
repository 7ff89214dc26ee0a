import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openWasm } from "../../../src/engine/backend/wasm.js";
import { kernelFolder, openBackend } from "../../../src/node/backend.js";
import { hasAddon } from "../../helpers/backends.js";
import { expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";

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

/** The processor time of each thread of this process, in ticks of 10 ms. The first thread's number is the process's. */
function threadTimes(): Map<string, number> {
  const ids = readdirSync("/proc/self/task");
  return new Map(
    ids.map((id) => {
      const [user = 0, system = 0] = readFileSync(`/proc/self/task/${id}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
        .slice(11, 13)
        .map(Number);
      return [id, user + system];
    }),
  );
}

describe.each(engines)("%s", (name, isSkipped) => {
  // The product takes milliseconds and a thread without work sleeps after 50 µs, so a thread that takes a tenth of the
  // opener's time computes. A busy machine may leave us one core for seconds: one window out of many is enough.
  test.skipIf(isSkipped || process.platform !== "linux")("the threads that it starts really compute", async () => {
    const before = new Set(threadTimes().keys());
    const { run } = product(await open(name, 2), 960, 512, 512);
    const timeOfOthers = (times: Map<string, number>): number =>
      [...times].reduce((sum, [id, ticks]) => sum + (before.has(id) ? 0 : ticks), 0);
    let share = 0;
    for (const end = performance.now() + 15_000; share < 0.1 && performance.now() < end; ) {
      const from = threadTimes();
      for (const until = performance.now() + 200; performance.now() < until; ) run();
      const to = threadTimes();
      const own = (times: Map<string, number>): number => times.get(String(process.pid)) ?? 0;
      share = (timeOfOthers(to) - timeOfOthers(from)) / (own(to) - own(from));
    }
    expect(share).toBeGreaterThan(0.1);
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
  const script = fileURLToPath(new URL("../../fixtures/pool.mjs", import.meta.url));
  const module = new URL("../../../dist/node/backend.js", import.meta.url).href;

  // In a process of their own: a crash would take the test along.
  test.each([
    ["compute at the same time, and one after another ended", "together"],
    ["come and go while nobody else has the addon", "in-turn"],
  ])("%s", (_, how) => {
    const said = execFileSync(process.execPath, [script, module, how], { encoding: "utf8", timeout: 20_000 });
    expect(said).toBe("all products are right\n");
  });
});
