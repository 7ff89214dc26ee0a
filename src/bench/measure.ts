import type { BackendName, Precision } from "../engine/backend/backend.js";
import type { Case, Sizes } from "./case.js";
import { type Engine, withEngine } from "./engine.js";
import { type Patience, timeSteps } from "./time-steps.js";

/** A case's figures, as `seqloom bench --json` prints them. */
export interface Measurement {
  readonly kind: "bench";
  readonly case: string;
  /** True where the shape was drawn at random. */
  readonly random: boolean;
  readonly shape: Sizes;
  readonly backend: BackendName;
  readonly instructionSet: string;
  readonly threads: number;
  readonly precision: Precision;
  readonly msPerStep: number;
  /** Necessary operations, 10⁹ per second. */
  readonly gflops: number;
  /** Peak throughput of matrix products on the same engine, 10⁹ operations per second. */
  readonly peakGflops: number;
  /** gflops / peakGflops */
  readonly shareOfPeak: number;
  /** Generation only. */
  readonly tokensPerSecond?: number;
  /** Generation only: 10⁹ bytes of weights, each read once per token. */
  readonly weightGigabytesPerSecond?: number;
}

const bytesPerWeight: Readonly<Record<Precision, number>> = { float32: 4, bf16: 2, int8: 1 };

/** Measures a case in a new arena. @param peak the result of `measurePeak` on the same engine */
export function measure(
  engine: Engine,
  { kind, shape, floor, weights, prepare }: Case,
  patience: Patience,
  { name, random, peak }: { name: string; random: boolean; peak: number },
): Promise<Measurement> {
  return withEngine(engine, async (backend) => {
    const { instructionSet, threads, precision } = backend;
    const msPerStep = await timeSteps(prepare(backend), patience);
    const perSecond = 1000 / msPerStep;
    const generation = {
      tokensPerSecond: perSecond,
      weightGigabytesPerSecond: (weights * bytesPerWeight[precision] * perSecond) / 1e9,
    };
    return {
      ...{ kind: "bench", case: name, random, shape, backend: backend.name, instructionSet, threads, precision },
      ...{
        msPerStep,
        gflops: (floor * perSecond) / 1e9,
        peakGflops: peak / 1e9,
        shareOfPeak: (floor * perSecond) / peak,
      },
      ...(kind === "generate" ? generation : {}),
    };
  });
}
