import { beforeAll, describe, expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { openReference } from "../../src/backend/reference.js";
import { describeBackends, fusedBackends } from "./backends.js";
import { expectClose, expectSameBits, type Tolerance } from "./close.js";
import { Desk } from "./desk.js";

export type Results = Readonly<Record<string, Float32Array | Int32Array | Float64Array>>;

/** One set of sizes for a kernel. `run` depends on the desk's seed and backend alone. */
export interface KernelCase {
  readonly name: string;
  readonly run: (desk: Desk) => Results;
  /** For every result, or for the one that is named. */
  readonly tolerance: (result: string) => Tolerance;
}

/** Every case on every backend against the reference, twice for the same bits; and the sets with FMA against one another. */
export function describeKernel(cases: readonly KernelCase[]): void {
  const named = cases.map((c) => [c.name, c] as const);
  const twin = openReference();
  const truths = new Map<KernelCase, Results>();
  const truth = (c: KernelCase): Results => {
    const known = truths.get(c) ?? runCase(c, twin);
    truths.set(c, known);
    return known;
  };

  describe("every backend agrees with the reference, and gives the same bits twice", () => {
    describeBackends((backend) => {
      test.each(named)("%s", (_, c) => {
        const first = runCase(c, backend());
        for (const [name, expected] of Object.entries(truth(c)))
          expectClose(name, first[name], expected, c.tolerance(name));
        expectSameResults(runCase(c, backend()), first);
      });
    });
  });

  describe.skipIf(fusedBackends.length < 2)("AVX-512 and AVX2 agree bit for bit", () => {
    const open: Backend[] = [];
    beforeAll(async () => {
      for (const row of fusedBackends) open.push(await row.open());
      return () => {
        for (const backend of open) backend.close();
      };
    });
    test.each(named)("%s", (_, c) => {
      const [first, ...others] = open.map((backend) => runCase(c, backend));
      expect(others).not.toHaveLength(0);
      for (const other of others) expectSameResults(other, first ?? {});
    });
  });
}

export function expectSameResults(actual: Results, expected: Results): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) expectSameBits(name, actual[name], values);
}

function runCase(c: KernelCase, backend: Backend): Results {
  const desk = new Desk(backend, 1);
  try {
    return c.run(desk);
  } finally {
    desk.clear();
  }
}

/** Copies of what blocks hold, by name; what is undefined is left out. */
export function copies(
  blocks: Readonly<Record<string, { readonly data: Float32Array | Int32Array } | undefined>>,
): Results {
  return Object.fromEntries(
    Object.entries(blocks).flatMap(([name, block]) => (block ? [[name, block.data.slice()]] : [])),
  );
}
