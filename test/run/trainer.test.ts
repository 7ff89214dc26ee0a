import { describe, expect, test, vi } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { makeParam } from "../../src/engine/layers/layer.js";
import { SGD } from "../../src/engine/optim/optimizer.js";
import type { Param } from "../../src/engine/tensor.js";
import type { BatchSource } from "../../src/run/batches.js";
import { DivergedError, type Trainable, Trainer, type TrainOptions, type TrainReport } from "../../src/run/trainer.js";

type Scored = { readonly loss: number };

/** A parabola: the loss is (w − batch)²/2, its gradient w − batch. */
class Parabola implements Trainable<number> {
  readonly params: readonly [w: Param];
  #batch = 0;

  constructor(backend = openReference()) {
    this.params = [makeParam(backend.arena, "w", [1])];
  }

  get w(): number {
    return this.params[0].value.data[0] ?? Number.NaN;
  }

  forward(batch: number): number {
    this.#batch = batch;
    return (this.w - batch) ** 2 / 2;
  }

  backward(): void {
    const grad = this.params[0].grad.data;
    grad[0] = (grad[0] ?? 0) + this.w - this.#batch;
  }
}

/** A clock that goes on by so many milliseconds whenever it is read. */
function tickingClock(step: number): () => number {
  let now = 0;
  return () => {
    now += step;
    return now;
  };
}

function makeRun(rate: number, clock: () => number = tickingClock(0), perEpoch = 5) {
  const backend = openReference();
  const model = new Parabola(backend);
  const asked: [epoch: number, index: number][] = [];
  const source: BatchSource<number> = {
    perEpoch,
    tokensPerBatch: 12,
    batch(epoch, index) {
      asked.push([epoch, index]);
      return 8;
    },
  };
  const optimizer = new SGD(backend, model.params, rate);
  const trainer = new Trainer(backend, model, optimizer, clock);
  const run = (options: TrainOptions<Scored>): AsyncGenerator<TrainReport<Scored>, void> =>
    trainer.run(source, options);
  return { model, optimizer, trainer, source, asked, run };
}

async function collect<Result>(reports: AsyncGenerator<TrainReport<Result>, void>): Promise<TrainReport<Result>[]> {
  const all: TrainReport<Result>[] = [];
  for await (const report of reports) all.push(report);
  return all;
}

describe("the trainer", () => {
  test("reports steps, evaluations and the end, with the right numbers", async () => {
    const { model, asked, run, trainer } = makeRun(0.5);
    const evaluate = () => ({ loss: 0.5 * (8 - model.w) ** 2 });
    const reports = await collect(run({ epochs: 2, evaluate, reportEvery: 2 }));
    // w is 0, 4, 6, 7, 7.5, …: each step halves the way to 8, and a loss is half the square of that way.
    const loss = (step: number): number => 0.5 * (8 / 2 ** (step - 1)) ** 2;
    const gradNorm = (step: number): number => 8 / 2 ** (step - 1);
    expect(reports.map(({ kind }) => kind).join(" ")).toBe("step step step evaluation step step step evaluation done");
    const steps = reports.filter((report) => report.kind === "step");
    expect(steps.map(({ epoch, step, steps }) => [epoch, step, steps])).toEqual([
      [1, 2, 10],
      [1, 4, 10],
      [1, 5, 10],
      [2, 7, 10],
      [2, 9, 10],
      [2, 10, 10],
    ]);
    expect(steps.map((step) => step.loss)).toEqual([
      (loss(1) + loss(2)) / 2,
      (loss(3) + loss(4)) / 2,
      loss(5),
      (loss(6) + loss(7)) / 2,
      (loss(8) + loss(9)) / 2,
      loss(10),
    ]);
    expect(steps.map((step) => step.gradNorm)).toEqual([2, 4, 5, 7, 9, 10].map(gradNorm));
    const evaluations = reports.filter((report) => report.kind === "evaluation");
    expect(evaluations).toEqual([
      { kind: "evaluation", epoch: 1, step: 5, loss: loss(6), improved: true },
      { kind: "evaluation", epoch: 2, step: 10, loss: loss(11), improved: true },
    ]);
    expect(reports.at(-1)).toMatchObject({ kind: "done", steps: 10 });
    expect(trainer.steps).toBe(10);
    const indices = [0, 1, 2, 3, 4];
    expect(asked).toEqual([1, 2].flatMap((epoch) => indices.map((index) => [epoch, index])));
  });

  test("tells time by the clock it is given", async () => {
    // Read at the start, after each step and report, and before each turn: 10 ms each.
    const { run } = makeRun(0.5, tickingClock(10));
    const reports = await collect(run({ epochs: 1, reportEvery: 5 }));
    const [step] = reports.filter((report) => report.kind === "step");
    expect(step?.msPerStep).toBeGreaterThanOrEqual(10);
    expect(step?.tokensPerSecond).toBeCloseTo(12_000 / (step?.msPerStep ?? 0), 9);
    const [done] = reports.filter((report) => report.kind === "done");
    expect(done?.seconds).toBeGreaterThanOrEqual(0.1);
  });

  test("does nothing for no epochs, and goes on from where it was", async () => {
    const { model, run, trainer, asked } = makeRun(0.5);
    expect(await collect(run({ epochs: 0 }))).toEqual([{ kind: "done", steps: 0, seconds: 0 }]);
    expect(model.w).toBe(0);
    trainer.steps = 7;
    const reports = await collect(run({ epochs: 2 }));
    expect(reports.map(({ kind }) => kind)).toEqual(["step", "done"]);
    expect(asked).toEqual([
      [2, 2],
      [2, 3],
      [2, 4],
    ]);
  });

  test("shortens gradients that are longer than the clip, and reports their length before", async () => {
    const { model, run } = makeRun(1, tickingClock(0), 1);
    const [step] = await collect(run({ epochs: 1, gradClip: 2 }));
    expect(model.w).toBeCloseTo(2, 5);
    expect(step).toMatchObject({ gradNorm: 8 });
  });

  test("lowers the rate along its schedule, and puts it back", async () => {
    const { model, run, optimizer } = makeRun(0.5, tickingClock(0), 4);
    await collect(run({ epochs: 1, lrSchedule: "linear" }));
    // Rates 0.5, 0.375, 0.25, 0.125: the way to 8 shrinks by the rest of each.
    expect(model.w).toBeCloseTo(8 - 8 * 0.5 * 0.625 * 0.75 * 0.875, 5);
    expect(optimizer.learningRate).toBe(0.5);
  });

  test("puts the rate back when the loop is left early", async () => {
    const { run, optimizer } = makeRun(0.5);
    for await (const _ of run({ epochs: 9, lrSchedule: "linear", reportEvery: 3 })) break;
    expect(optimizer.learningRate).toBe(0.5);
  });

  test("stops by a signal before the next step, and does not say it is done", async () => {
    const { run, trainer } = makeRun(0.5);
    const controller = new AbortController();
    const kinds: string[] = [];
    for await (const { kind } of run({ epochs: 9, reportEvery: 3, signal: controller.signal })) {
      kinds.push(kind);
      controller.abort();
    }
    expect(kinds).toEqual(["step"]);
    expect(trainer.steps).toBe(3);
    expect(await collect(run({ epochs: 9, signal: AbortSignal.abort() }))).toEqual([]);
    expect(trainer.steps).toBe(3);
  });

  test("a run that diverges ends with an error that says where, and keeps the parameters of the step before", async () => {
    const { model, run, trainer } = makeRun(1e30);
    const error: unknown = await collect(run({ epochs: 2 })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DivergedError);
    expect(error).toMatchObject({
      message: "Step 3: expected a finite loss and gradient, got Infinity and Infinity.",
      hint: "lower the learning rate or the gradient clip",
    });
    expect(trainer.steps).toBe(2);
    expect(model.w).toBe(Number.NEGATIVE_INFINITY);
  });

  test("a gradient that is not finite ends the run too, before it is used", async () => {
    const { model, run } = makeRun(0.5);
    vi.spyOn(model, "backward").mockImplementation(() => {
      model.params[0].grad.data[0] = Number.NaN;
    });
    await expect(collect(run({ epochs: 1 }))).rejects.toThrow(
      "Step 1: expected a finite loss and gradient, got 32 and NaN.",
    );
    expect(model.w).toBe(0);
  });
});

describe("the event loop gets a turn", () => {
  /** Trains with steps that take so many milliseconds of a false clock. @returns the most that passed between two turns */
  async function longestGap(milliseconds: number, options: Partial<TrainOptions<Scored>>): Promise<number> {
    let now = 0;
    const { source, trainer } = makeRun(0.5, () => now, 400 / milliseconds);
    const slow: BatchSource<number> = {
      ...source,
      batch(epoch, index) {
        now += milliseconds;
        return source.batch(epoch, index);
      },
    };
    let [last, longest] = [0, 0];
    const turn = (): void => {
      longest = Math.max(longest, now - last);
      last = now;
      immediate = setImmediate(turn);
    };
    let immediate = setImmediate(turn);
    for await (const report of trainer.run(slow, { epochs: 1, ...options })) expect(report.kind).toBeDefined();
    clearImmediate(immediate);
    return Math.max(longest, now - last);
  }

  test("at least every 50 ms, however short the steps and however seldom the reports", async () => {
    for (const reportEvery of [1, 7, 1_000_000]) {
      expect(await longestGap(2, { reportEvery })).toBeLessThanOrEqual(50);
      expect(await longestGap(8, { reportEvery })).toBeLessThanOrEqual(50);
    }
  });

  test("right after a step that takes longer", async () => {
    expect(await longestGap(80, {})).toBe(80);
  });

  test("right after an evaluation that takes longer", async () => {
    let [now, turns] = [0, 0];
    const { run } = makeRun(0.5, () => now, 1);
    const evaluate = () => {
      setImmediate(() => turns++);
      now += 60;
      return { loss: 1 };
    };
    const seen: number[] = [];
    for await (const report of run({ epochs: 3, evaluate })) if (report.kind === "step") seen.push(turns);
    expect(seen).toEqual([0, 1, 2]);
  });

  test("so that a timer fires while it trains", async () => {
    const { run, trainer } = makeRun(0.5, () => performance.now(), 1_000_000);
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 100);
    await collect(run({ epochs: 1000, reportEvery: 1_000_000, signal: controller.signal }));
    expect(trainer.steps).toBeGreaterThan(0);
    expect(trainer.steps).toBeLessThan(1_000_000_000);
  });
});
