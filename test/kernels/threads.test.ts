import { beforeAll, describe, expect, test } from "vitest";
import type { Backend, Precision } from "../../src/engine/backend/backend.js";
import { openBackend } from "../../src/node/backend.js";
import { BF16, hasAddon, hasBF16, instructionSets, openNativeWith } from "../helpers/backends.js";
import { Desk } from "../helpers/desk.js";
import { expectSameResults, type Results } from "../helpers/kernel-cases.js";
import type { OnceDrawn } from "../helpers/once-drawn.js";
import { floatCases, int8Cases } from "../helpers/thread-cases.js";

// Same seed, same bits, whatever the number of threads.
const counts = [1, 2, 3, 8];
const requireAll = process.env["SEQLOOM_REQUIRE_ALL"] === "1";

const both: readonly Precision[] = ["float32", "int8"];

interface Engine {
  readonly name: string;
  readonly precisions: readonly Precision[];
  readonly isMissing: boolean;
  readonly open: (threads: number, precision: Precision) => Promise<Backend>;
}

const engines: readonly Engine[] = [
  ...instructionSets.map((set) => ({
    name: `native ${set}`,
    precisions: both,
    isMissing: !hasAddon,
    open: async (threads: number, precision: Precision) => openNativeWith(set, threads, precision),
  })),
  {
    name: `native ${BF16}`,
    precisions: ["bf16"],
    isMissing: !hasBF16,
    open: async (threads: number) => openNativeWith(BF16, threads),
  },
  {
    name: "wasm",
    precisions: both,
    isMissing: false,
    open: (threads: number, precision: Precision) => openBackend("wasm", { threads, precision }),
  },
];

function resultsOf(c: OnceDrawn, backend: Backend): Results {
  const desk = new Desk(backend, 1, 2 ** 20 * (1 + backend.threads));
  const results = c.run(desk);
  desk.clear();
  return results;
}

describe.each(engines.map((engine) => [engine.name, engine] as const))("%s", (_, { precisions, isMissing, open }) => {
  describe.skipIf(isMissing && !requireAll).each(precisions)("%s", (precision) => {
    const backends: Backend[] = [];
    beforeAll(async () => {
      for (const threads of counts) backends.push(await open(threads, precision));
      return () => {
        for (const backend of backends) backend.close();
      };
    });

    test.each((precision === "int8" ? int8Cases : floatCases).map((c) => [c.name, c] as const))("%s", (_, c) => {
      const [one, ...more] = backends.map((backend) => resultsOf(c, backend));
      expect(more).toHaveLength(3);
      for (const results of more) expectSameResults(results, one ?? {});
      for (const [name, values] of Object.entries(one ?? {})) expect(values.some(Number.isNaN), name).toBe(false);
    });
  });
});
