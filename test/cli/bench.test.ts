import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { cases } from "../../src/bench/cases.js";
import { drawSizes } from "../../src/bench/draw-sizes.js";
import { enginesFor, whyMissing } from "../../src/bench/engine.js";
import type { Measurement } from "../../src/bench/measure.js";
import { measurePeak } from "../../src/bench/peak.js";
import { median, timeSteps } from "../../src/bench/time-steps.js";
import { randomRow } from "../../src/cli/bench-rows.js";
import { Random } from "../../src/engine/random.js";
import { openBackend } from "../../src/node/backend.js";
import { expectFailure, runForReports, runHere } from "../helpers/command.js";
import { makeFolder } from "../helpers/folder.js";

const all = Object.entries(cases);
const quick = ["--backend", "wasm", "--threads", "1", "--precision", "float32", "--steps", "2", "--seconds", "0.2"];
const bench = (...args: string[]) => runForReports(["bench", ...quick, "--quiet", ...args], makeFolder());

const Report = z.record(z.string(), z.unknown());

const figures: Measurement = {
  kind: "bench",
  case: "rnnlm",
  random: true,
  shape: { N: 2 },
  backend: "wasm",
  instructionSet: "SIMD128",
  threads: 1,
  precision: "float32",
  msPerStep: 1,
  gflops: 1,
  peakGflops: 2,
  shareOfPeak: 0.5,
};

describe("seqloom bench", () => {
  test("reports a case and then a shape near it, with every figure", async () => {
    const [usual, drawn, ...rest] = await bench("--case", "addition-plain", "--seed", "7");
    expect(rest).toEqual([]);
    for (const report of [usual, drawn]) {
      const machine = { backend: "wasm", instructionSet: "SIMD128", threads: 1, precision: "float32" };
      expect(report).toMatchObject({ kind: "bench", case: "addition-plain", ...machine });
      for (const figure of ["msPerStep", "gflops", "peakGflops", "shareOfPeak"])
        expect(report?.[figure]).toBeGreaterThan(0);
      expect(report).not.toHaveProperty("tokensPerSecond");
    }
    expect(usual).toMatchObject({ random: false, shape: { N: 128, S: 7, T: 4, D: 16, H: 128, V: 13 } });
    expect(drawn).toMatchObject({ random: true });
    expect(drawn?.["shape"]).not.toEqual(usual?.["shape"]);
  });

  test("generation comes in tokens and in bytes of weights", async () => {
    const [usual] = await bench("--case", "generate-characters");
    const [ms, tokens] = [Number(usual?.["msPerStep"]), Number(usual?.["tokensPerSecond"])];
    expect(tokens).toBeCloseTo(1000 / ms);
    const weights = 4 * 256 * (64 + 256) + 8 * 256 * 256 + 256 * 65;
    expect(usual?.["weightGigabytesPerSecond"]).toBeCloseTo((4 * weights * tokens) / 1e9);
  });

  test("the random shape is the seed's", async () => {
    const shapeOf = async (seed: string) => (await bench("--case", "addition-peeky", "--seed", seed))[1]?.["shape"];
    const [first, again, other] = [await shapeOf("7"), await shapeOf("7"), await shapeOf("8")];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("in words: the engine, its best product, and a row for each shape", async () => {
    const outcome = await runHere(["bench", ...quick, "--case", "addition-plain", "--seed", "7"], makeFolder());
    expect(outcome).toMatchObject({ status: 0, stderr: "random shapes: --seed 7\n" });
    const [engine, heads, usual, drawn, ...rest] = outcome.stdout.split("\n");
    expect(engine).toMatch(/^wasm, 1 thread, float32: [\d.]+ GFLOP\/s at best$/);
    expect(heads).toMatch(/ms\/step +GFLOP\/s +of best +tokens\/s +GB\/s$/);
    expect(usual).toMatch(
      /^training, addition, plain N 128 {2}S 7 {2}T 4 {2}D 16 {2}H 128 {2}V 13 +[\d.]+ +[\d.]+ +[\d.]+ %$/,
    );
    expect(drawn).toMatch(/^ {2}at a random shape +N \d+ .* % {2}[\d.]+ % of the case's share/);
    expect(rest).toEqual([""]);
  });

  test("a random shape that is too slow for its arithmetic stands out", () => {
    const usual = { ...figures, shareOfPeak: 0.5 };
    expect(randomRow({ ...figures, shareOfPeak: 0.3 }, usual)).toMatch(/ 60\.0 % of the case's share$/);
    expect(randomRow({ ...figures, shareOfPeak: 0.29 }, usual)).toMatch(/ 58\.0 % of the case's share: below 60\.0 %$/);
  });

  test("a mistyped case is told the nearest", async () => {
    const message = `--case: expected one of ${Object.keys(cases).join(", ")}, got "rnlm".`;
    await expectFailure(["bench", "--case", "rnlm"], makeFolder(), { status: 2, message, hint: "did you mean rnnlm?" });
  });
});

describe("what is measured", () => {
  test("by default: both backends, one thread and all cores, every precision", () => {
    const engines = enginesFor({});
    for (const backend of ["native", "wasm"] as const)
      for (const threads of [1, availableParallelism()])
        for (const precision of ["float32", "bf16", "int8"] as const)
          expect(engines).toContainEqual({ backend, threads, precision });
  });

  test("or what the command line names", () => {
    const named = { backend: "wasm", threads: 3, precision: "int8" } as const;
    expect(enginesFor(named)).toEqual([named]);
  });

  test("an engine that cannot be had is left out for a reason", async () => {
    expect(await whyMissing({ backend: "wasm", threads: 1, precision: "float32" })).toBeUndefined();
    expect(await whyMissing({ backend: "reference", threads: 2, precision: "float32" })).toMatch(/./);
  });
});

describe("bench/rounds.mjs", () => {
  test("answers each line with what a step took", () => {
    const program = fileURLToPath(new URL("../../bench/rounds.mjs", import.meta.url));
    const args = [program, "--case", "generate-characters", "--backend", "wasm"];
    const [ready, first, second, ...rest] = execFileSync(process.execPath, args, { input: "1\n40\n", encoding: "utf8" })
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => z.parse(Report, JSON.parse(line)));
    expect([ready, rest]).toEqual([{ ready: true }, []]);
    for (const report of [first, second]) {
      const details = { case: "generate-characters", backend: "wasm", threads: 1, precision: "float32" };
      expect(report).toMatchObject(details);
      expect(report?.["tokensPerSecond"]).toBeCloseTo(1000 / Number(report?.["msPerStep"]));
    }
  });
});

describe("the arithmetic of a step", () => {
  test.each([
    ["addition-plain", 0.51],
    ["addition-peeky", 0.56],
    ["rnnlm", 4.54],
    ["better-rnnlm", 55.7],
  ] as const)("%s: %f GFLOP, counted by hand", (name, gflop) => {
    expect(Math.abs(cases[name].floor / 1e9 / gflop - 1)).toBeLessThan(0.01);
  });

  test("a large vocabulary is projected only for the tokens that occur", () => {
    const [small, large] = [cases.rnnlm.at({ V: 600 }), cases.rnnlm.at({ V: 1200 })];
    const linear = 3 * 2 * 700 * 100;
    const input = 3 * 2 * 400 * 100;
    expect(large.floor - small.floor).toBe(linear * 600 + input * (700 - 600));
  });
});

describe("random shapes", () => {
  test.each(all)("%s: every size is a prime from half to one and a half of the case's", (_, { shape }) => {
    for (let seed = 0; seed < 20; seed++) {
      const drawn = drawSizes(shape, new Random(seed));
      expect(Object.keys(drawn)).toEqual(Object.keys(shape));
      for (const [letter, size] of Object.entries(drawn)) {
        const usual = shape[letter] ?? 0;
        if (letter === "layers") expect(size).toBe(usual);
        else expect(Math.abs(size - usual)).toBeLessThanOrEqual(usual / 2);
        if (letter !== "layers") expect(primeFactors(size)).toEqual([size]);
      }
    }
  });

  const primeFactors = (n: number): number[] => {
    const least = Array.from({ length: n - 1 }, (_, i) => i + 2).find((divisor) => n % divisor === 0) ?? n;
    return least === n ? [n] : [least, ...primeFactors(n / least)];
  };

  test("a tied embedding stays as wide as the hidden state", () => {
    expect(cases["better-rnnlm"].at({ D: 5, H: 7 }).shape).toMatchObject({ D: 7, H: 7 });
  });
});

describe("measuring", () => {
  test.each(all)("%s runs at a small shape", async (_, usual) => {
    const backend = await openBackend("wasm");
    const sizes = Object.keys(usual.shape).map((letter, i) => [letter, letter === "layers" ? 1 : 2 + i]);
    const work = usual.at(Object.fromEntries(sizes)).prepare(backend);
    expect(await timeSteps(work, { steps: 3, seconds: 1 })).toBeGreaterThan(0);
    backend.close();
  });

  test("stops when its time is over", async () => {
    let runs = 0;
    const run = () => new Promise<void>((resolve) => setTimeout(resolve, ++runs && 20));
    expect(await timeSteps({ steps: 2, run }, { steps: 1000, seconds: 0.1 })).toBeGreaterThan(9);
    expect(runs).toBeLessThan(12);
  });

  test("the median of an even number lies between the middle two", () => {
    expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  });

  test("the best product is found on every backend", async () => {
    const backend = await openBackend("reference");
    expect(measurePeak(backend, 0.01)).toBeGreaterThan(1e6);
    backend.close();
  });
});
