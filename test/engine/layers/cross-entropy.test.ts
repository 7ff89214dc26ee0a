import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { CrossEntropy } from "../../../src/engine/layers/cross-entropy.js";
import type { Ints, Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { expectSlopes, fill } from "../../helpers/differences.js";
import { intsOf, readOptim, tensorOf } from "../../helpers/fixtures.js";

const [N, T, V] = [2, 3, 7];

function make(backend: Backend): { logits: Tensor; targets: Ints; desk: Desk } {
  const desk = new Desk(backend, 1);
  return { desk, logits: fill(desk, backend.arena.tensor([N, T, V]), 2), targets: desk.below([N, T], V) };
}

describeBackends((backend) => {
  // optim.json, by test/fixtures/pytorch.py; a mask of 1 leaves a position out, as a weight of 0 does.
  test.each(readOptim().crossEntropy.map((c) => [c.name, c] as const))(
    "gives PyTorch's loss and gradient: %s",
    (_, c) => {
      const [logits, targets] = [tensorOf(backend(), c.logits), intsOf(backend(), c.targets)];
      const weights = c.mask ? tensorOf(backend(), { ...c.mask, data: c.mask.data.map((m) => 1 - m) }) : undefined;
      const layer = new CrossEntropy(backend());
      // Losses near 5, each rounded twice; a share of at most 1, an exp of a rounded lse, divided by N·T.
      expectClose("loss", [layer.forward(logits, targets, weights)], [c.loss], { absolute: 5 * 2 ** -23 });
      expectClose("dlogits", layer.backward().data, c.dlogits.data, { absolute: 2e-7 });
    },
  );

  test("the loss is the weighted mean of the losses", () => {
    const { logits, targets } = make(backend());
    const layer = new CrossEntropy(backend());
    const losses = [...layer.losses(logits, targets).data];
    const weights = [1, 0, 2, 0.5, 1, 0];
    const mean = losses.reduce((sum, loss, i) => sum + loss * (weights[i] ?? 0), 0) / 4.5;
    const given = tensorOf(backend(), { shape: [N, T], data: weights });
    expect(layer.forward(logits, targets, given)).toBeCloseTo(mean, 6);
    expect(layer.forward(logits, targets)).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 6, 12);
  });

  test("positions of weight 0 change neither loss nor gradient", () => {
    const layer = new CrossEntropy(backend());
    const run = (change: number) => {
      const { logits, targets } = make(backend());
      logits.data.fill(change, V, 2 * V);
      targets.data[1] = 0;
      const weights = tensorOf(backend(), { shape: [N, T], data: [1, 0, 1, 1, 1, 1] });
      return [layer.forward(logits, targets, weights), layer.backward().data.slice()] as const;
    };
    const [[loss, dlogits], [other, others]] = [run(0), run(Number.NaN)];
    expect(other).toBe(loss);
    expectSameBits("dlogits", others.map(Math.abs), dlogits.map(Math.abs));
    expect([...dlogits.subarray(V, 2 * V)].map(Math.abs)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test("a loss of equal logits is log V", () => {
    const layer = new CrossEntropy(backend());
    const loss = layer.forward(backend().arena.tensor([N, T, V]), make(backend()).targets);
    expect(loss).toBeCloseTo(Math.log(V), 6);
  });
});

test.each([true, false])("the gradient is that of central differences, weights: %s", (weighted) => {
  const backend = openReference();
  const { logits, targets } = make(backend);
  const weights = weighted ? tensorOf(backend, { shape: [N, T], data: [1, 0, 2, 0.5, 1, 0] }) : undefined;
  const layer = new CrossEntropy(backend);
  const given = backend.arena.tensor([N, T, V]);
  given.data.set(logits.data);
  layer.forward(given, targets, weights);
  const dlogits = layer.backward().data.slice(); // in place of `given`
  expectSlopes("logits", () => layer.forward(logits, targets, weights), logits, dlogits);
});

describe("errors", () => {
  const backend = openReference();
  const { logits, targets } = make(backend);

  test("name the expected and the actual value", () => {
    const layer = new CrossEntropy(backend);
    const flat = backend.arena.ints([N * T]);
    expect(() => layer.forward(logits, flat)).toThrow("CrossEntropy: targets: expected shape (2, 3), got (6).");
    const weights = backend.arena.tensor([T, N]);
    expect(() => layer.forward(logits, targets, weights)).toThrow(
      "CrossEntropy: weights: expected shape (2, 3), got (3, 2).",
    );
  });

  test.each([V, -1])("a target of %i is refused", (target) => {
    const layer = new CrossEntropy(backend);
    const wrong = intsOf(backend, { shape: [N, T], data: [0, 1, 2, 3, 4, target] });
    expect(() => layer.losses(logits, wrong)).toThrow(
      `CrossEntropy: targets: expected numbers from 0 to 6, got ${target}.`,
    );
  });

  test("a gradient is computed once for each forward pass", () => {
    const layer = new CrossEntropy(backend);
    const message = "CrossEntropy.backward: expected one forward pass before each backward pass, got none.";
    expect(() => layer.backward()).toThrow(message);
    layer.forward(logits, targets);
    layer.backward();
    expect(() => layer.backward()).toThrow(message);
  });
});
