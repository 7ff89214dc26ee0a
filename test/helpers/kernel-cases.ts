import { beforeAll, describe, expect, test } from "vitest";
import type { Backend, Precision } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { bf16Backends, describeBackends, describeRows, fusedBackends, missingBF16 } from "./backends.js";
import { expectClose, expectSameBits, type Tolerance } from "./close.js";
import { Desk } from "./desk.js";

export type Results = Readonly<Record<string, Float32Array | Int32Array | Float64Array>>;

/** One set of sizes for a kernel. `run` depends on the desk's seed and backend alone. */
export interface KernelCase {
  readonly name: string;
  readonly run: (desk: Desk) => Results;
  /** For every result, or for the one that is named. */
  readonly tolerance: (result: string) => Tolerance;
  /** The same where products are of bfloat16. @default there are none: not run */
  readonly bf16Tolerance?: (result: string) => Tolerance;
  /** Bytes, where it takes more than a desk usually has. */
  readonly scratch?: number;
}

/** Runs each case at most once on the reference. */
function referenceOf(precision: Precision): (c: KernelCase) => Results {
  const reference = openReference({ precision });
  const references = new Map<KernelCase, Results>();
  return (c) => {
    const known = references.get(c) ?? runCase(c, reference);
    references.set(c, known);
    return known;
  };
}

/**
 * Every case on every backend against the reference, twice for the same bits; the sets with FMA against one another; and
 * that with bfloat16 against the reference which rounds as it does.
 */
export function describeKernel(cases: readonly KernelCase[]): void {
  const named = cases.map((c) => [c.name, c] as const);
  const reference = referenceOf("float32");

  describe("every backend agrees with the reference, and gives the same bits twice", () => {
    describeBackends((backend, row) => {
      test.each(named)("%s", (_, c) => {
        const first = row.name === "reference" ? reference(c) : runCase(c, backend());
        for (const [name, expected] of Object.entries(reference(c)))
          expectClose(name, first[name], expected, c.tolerance(name));
        expectSameResults(runCase(c, backend()), first);
      });
    });
  });

  const withBF16 = cases.filter(({ bf16Tolerance }) => bf16Tolerance);
  if (withBF16.length > 0)
    describe("products of bfloat16 agree with the reference's", () => {
      describeBF16(withBF16);
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

/**
 * A number that is computed, such as a state, may lie so near the middle of two bfloat16 that the reference's float64 and
 * the kernel's float32 round it apart; then a factor differs by 2⁻⁸ of itself, and so does all that follows from it. That
 * is rare: nearly all numbers agree as they do in float32.
 */
function describeBF16(cases: readonly KernelCase[]): void {
  const reference = referenceOf("bf16");
  const seen = { numbers: 0, apart: 0 };
  describeRows(
    (backend) => {
      test.each(cases.map((c) => [c.name, c] as const))("%s", (_, c) => {
        const first = runCase(c, backend());
        for (const [name, expected] of Object.entries(reference(c))) {
          const { absolute = 0, relative = 0 } = c.tolerance(name);
          const isApart = (e: number, i: number) =>
            Math.abs((first[name]?.[i] ?? 0) - e) > absolute + relative * Math.abs(e);
          seen.numbers += expected.length;
          seen.apart += [...expected].filter(isApart).length;
          expectClose(name, first[name], expected, c.bf16Tolerance?.(name) ?? {});
        }
        expectSameResults(runCase(c, backend()), first);
      });

      test("at most one in a thousand numbers differs by more than in float32", () => {
        expect(seen.apart).toBeLessThanOrEqual(seen.numbers / 1000);
      });
    },
    bf16Backends.filter(({ name }) => name !== "reference bf16"),
    missingBF16,
  );
}

export function expectSameResults(actual: Results, expected: Results): void {
  expect(Object.keys(actual)).toEqual(Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) expectSameBits(name, actual[name], values);
}

function runCase(c: KernelCase, backend: Backend): Results {
  const desk = new Desk(backend, 1, c.scratch);
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
