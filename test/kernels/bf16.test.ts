import { describe, expect, test, vi } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { bfloat16 } from "../../src/engine/backend/reference-precision.js";
import { OptionError } from "../../src/engine/errors.js";
import { chooseTable, openBackend } from "../../src/node/backend.js";
import { BF16, hasBF16, openNativeWith } from "../helpers/backends.js";
import { expectError } from "../helpers/errors.js";
import { runSums, runText, type SmallRun } from "../helpers/small-runs.js";

// The agreement of each kernel with the reference in bf16 is tested with the kernel's other cases: see describeBF16.
const skips = !hasBF16; // a processor is nothing that CI could install

test("a number is rounded to the nearest of 8 bits, ties to even", () => {
  const unit = 2 ** -7; // between 1 and 2
  expect(bfloat16(1 + 0.49 * unit)).toBe(1);
  expect(bfloat16(1 + 0.51 * unit)).toBe(1 + unit);
  expect(bfloat16(1 + 0.5 * unit)).toBe(1);
  expect(bfloat16(1 + 1.5 * unit)).toBe(1 + 2 * unit);
  expect(bfloat16(-(1 + 1.5 * unit))).toBe(-(1 + 2 * unit));
  expect([0, -0, Number.POSITIVE_INFINITY, Number.NaN].map(bfloat16)).toEqual([
    0,
    -0,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ]);
});

/** The losses of 200 steps, as means of 20. */
async function lossesOf(backend: Backend, make: (backend: Backend) => SmallRun): Promise<number[]> {
  const losses = await make(backend).train(200);
  backend.close();
  return Array.from(
    { length: 10 },
    (_, i) => losses.slice(20 * i, 20 * (i + 1)).reduce((sum, loss) => sum + loss) / 20,
  );
}

async function expectLikeFloat32(bf16: Backend, float32: Backend, make: (backend: Backend) => SmallRun) {
  const expected = await lossesOf(float32, make);
  const got = await lossesOf(bf16, make);
  expect(got).not.toEqual(expected);
  expect(expected.at(-1)).toBeLessThan(0.9 * (expected[0] ?? 0)); // it learns
  for (const [i, loss] of got.entries())
    expect(Math.abs(loss / (expected[i] ?? 0) - 1), `losses ${expected} and ${got}`).toBeLessThan(0.01);
}

describe("200 steps in bf16 stay within 1% of the losses in float32", () => {
  test("of a tiny model on the reference", async () => {
    const make = (backend: Backend) => runSums(backend, { embeddingSize: 4, hiddenSize: 7 }, 4);
    await expectLikeFloat32(
      await openBackend("reference", { precision: "bf16" }),
      await openBackend("reference"),
      make,
    );
  });

  test.skipIf(skips).each([
    ["a peeky seq2seq", (backend: Backend) => runSums(backend, { embeddingSize: 16, hiddenSize: 128 })],
    [
      "a language model",
      (backend: Backend) => runText(backend, { vocabSize: 500, embeddingSize: 100, hiddenSize: 100 }),
    ],
  ])(`of %s with ${BF16}`, async (_, make) => {
    await expectLikeFloat32(openNativeWith(BF16), openNativeWith("AVX-512"), make);
  });
});

describe("bf16 is refused where there is none", () => {
  const opening = () => openBackend("native", { precision: "bf16" });

  test("by a processor without it", () => {
    const choosing = () => chooseTable([null, "AVX-512", "AVX2"], "bf16");
    const message = "precision: expected a processor with AVX-512-BF16 for bf16, got one without.";
    expectError(OptionError, choosing, message, "leave `precision` out to compute in float32");
    expect(chooseTable([null, "AVX-512", "AVX2"], "float32")).toBe(1);
  });

  test.skipIf(skips)("by the instruction set that was asked for", async () => {
    vi.stubEnv("SEQLOOM_INSTRUCTION_SET", "AVX2");
    await expect(opening()).rejects.toMatchObject({
      message: 'SEQLOOM_INSTRUCTION_SET: expected AVX-512-BF16 for precision bf16, got "AVX2".',
      hint: "set only one of them",
    });
    vi.unstubAllEnvs();
  });

  test("by WebAssembly", async () => {
    await expect(openBackend("wasm", { precision: "bf16" })).rejects.toMatchObject({
      message: "precision: expected float32 or int8 on WebAssembly, got bf16.",
      hint: "use the native backend, on a processor with AVX-512-BF16",
    });
  });
});
