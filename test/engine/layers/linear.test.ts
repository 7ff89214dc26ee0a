import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { CrossEntropy } from "../../../src/engine/layers/cross-entropy.js";
import { Linear } from "../../../src/engine/layers/linear.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill, fillParams } from "../../helpers/differences.js";
import { intsOf, readSeq2Seq, setParams, tensorOf } from "../../helpers/fixtures.js";

const [N, T, D, O, C] = [2, 3, 5, 7, 4];

/** A layer with a context, its input, and the gradient of its output. */
function make(backend: Backend) {
  const desk = new Desk(backend, 1);
  const layer = new Linear(backend, { D, C, O });
  fillParams(desk, layer.params);
  const [xs, context] = [fill(desk, backend.arena.tensor([N, T, D])), fill(desk, backend.arena.tensor([N, C]))];
  return { desk, layer, xs, context, dys: fill(desk, backend.arena.tensor([N, T, O])) };
}

describeBackends((backend) => {
  test("gives the numbers of its equation", () => {
    const layer = new Linear(backend(), { D: 2, C: 1, O: 2 });
    const recorded = [
      { shape: [2, 3], data: [1, 10, 100, -1, 0.5, 2] },
      { shape: [2], data: [1000, 0.25] },
    ];
    setParams(layer.params, recorded);
    const xs = tensorOf(backend(), { shape: [1, 2, 2], data: [2, 3, 4, 5] });
    const context = tensorOf(backend(), { shape: [1, 1], data: [7] });
    expect([...layer.forward(xs, context).data]).toEqual([1327, 0.25, 1547, 5.25]);
    const dxs = layer.backward(tensorOf(backend(), { shape: [1, 2, 2], data: [1, 0, 0, 2] }));
    expect([...dxs.data]).toEqual([10, 100, 1, 4]);
    expect([...(layer.dContext?.data ?? [])]).toEqual([-1]);
    expect(layer.params.map(({ grad }) => [...grad.data])).toEqual([
      [7, 2, 3, 14, 8, 10],
      [1, 2],
    ]);
  });

  test("without a bias it is linear, and with another layer's weight and bias it adds to their gradients", () => {
    const layer = new Linear(backend(), { D: 2, O: 2 }, "map", { bias: false });
    expect(layer.params.map(({ name }) => name)).toEqual(["map.weight"]);
    setParams(layer.params, [{ shape: [2, 2], data: [10, 100, 0.5, 2] }]);
    const xs = tensorOf(backend(), { shape: [1, 2, 2], data: [2, 3, 4, 5] });
    const dys = tensorOf(backend(), { shape: [1, 2, 2], data: [1, 0, 0, 2] });
    expect([...layer.forward(xs).data]).toEqual([320, 7, 540, 12]);
    expect([...layer.backward(dys).data]).toEqual([10, 100, 1, 4]);
    const [weight] = layer.params;
    const biased = new Linear(backend(), { D: 2, O: 2 }, "first", { weight });
    const second = new Linear(backend(), { D: 2, O: 2 }, "second", { weight, bias: biased.params[1] });
    expect(second.params).toEqual(biased.params);
    setParams(biased.params.slice(1), [{ shape: [2], data: [1000, 0.25] }]);
    for (const each of [biased, second]) {
      expect([...each.forward(xs).data]).toEqual([1320, 7.25, 1540, 12.25]);
      each.backward(dys);
    }
    expect([...(weight?.grad.data ?? [])]).toEqual([6, 9, 24, 30]); // three times, the first layer's among them
    expect([...(second.params[1]?.grad.data ?? [])]).toEqual([2, 4]);
  });

  // seq2seq.json (test/fixtures/pytorch.py) records the logits of a linear layer, and the gradients of the mean
  // cross-entropy. The bias's is made of nothing else; the weight's is compared in test/models/seq2seq.test.ts.
  test.each(readSeq2Seq().map((c) => [c.name, c] as const))("the gradient of the bias is PyTorch's: %s", (_, c) => {
    const loss = new CrossEntropy(backend());
    const labels = c.target.data.filter((_, i) => i % (c.T + 1) > 0);
    loss.forward(tensorOf(backend(), c.logits), intsOf(backend(), { shape: [c.N, c.T], data: labels }));
    const layer = new Linear(backend(), { D: 1, O: c.V });
    layer.forward(backend().arena.tensor([c.N, c.T, 1]));
    layer.backward(loss.backward());
    // Sums of N·T = 6 gradients below 1/6.
    expectClose("bias", layer.params[1]?.grad.data, c.gradients["decoder.linear.bias"]?.data, { absolute: 2 ** -22 });
  });

  test("a step gives the same bits alone as within a sequence", () => {
    const { layer, xs, context } = make(backend());
    const whole = layer.forward(xs, context).data.slice();
    for (let t = 0; t < T; t++) {
      const step = backend().arena.tensor([N, 1, D]);
      for (let n = 0; n < N; n++) step.data.set(xs.data.subarray((n * T + t) * D, (n * T + t + 1) * D), n * D);
      const ys = layer.forward(step, context).data;
      for (let n = 0; n < N; n++)
        expectSameBits(
          `row ${n}, step ${t}`,
          ys.slice(n * O, (n + 1) * O),
          whole.slice((n * T + t) * O, (n * T + t + 1) * O),
        );
    }
  });

  test("without the gradient of the input, the others are the same", () => {
    const { layer, xs, context, dys } = make(backend());
    layer.forward(xs, context);
    layer.backward(dys);
    const all = [layer.dContext, ...layer.params.map(({ grad }) => grad)].map((tensor) => tensor?.data.slice());
    for (const { grad } of layer.params) grad.data.fill(0);
    expect(layer.backward(dys, false)).toBeUndefined();
    for (const [i, tensor] of [layer.dContext, ...layer.params.map(({ grad }) => grad)].entries())
      expectSameBits(`gradient ${i}`, tensor?.data, all[i]);
  });

  test("gradients of parameters are added, not overwritten; those of the input are set", () => {
    const { layer, xs, context, dys } = make(backend());
    const run = () => {
      layer.forward(xs, context);
      const dxs = layer.backward(dys).data.slice();
      return { dxs, dContext: layer.dContext?.data.slice(), grads: layer.params.map(({ grad }) => grad.data.slice()) };
    };
    const [first, second] = [run(), run()];
    expectSameBits("dxs", second.dxs, first.dxs);
    expectSameBits("dContext", second.dContext, first.dContext);
    first.grads.forEach((grad, i) => {
      expectClose(
        `grad ${i}`,
        second.grads[i],
        grad.map((d) => 2 * d),
        { absolute: 1e-5 },
      );
    });
  });
});

describe("on the reference", () => {
  test.each([true, false])("gradients are those of central differences, context: %s", (hasContext) => {
    const backend = openReference();
    const desk = new Desk(backend, 1);
    const layer = new Linear(backend, { D, C: hasContext ? C : 0, O });
    fillParams(desk, layer.params);
    const { xs, context, dys } = make(backend);
    const given = hasContext ? context : undefined;
    const loss = (): number => dot(layer.forward(xs, given), dys);
    loss();
    const dxs = layer.backward(dys).data.slice();
    for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
    expectSlopes("xs", loss, xs, dxs);
    if (given) expectSlopes("context", loss, given, layer.dContext?.data);
    else expect(layer.dContext).toBeUndefined();
  });
});

describe("errors", () => {
  const backend = openReference();
  const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);

  test("name the expected and the actual value", () => {
    const layer = new Linear(backend, { D, C, O });
    expect(() => layer.forward(zeros(N, T, D + 1))).toThrow(
      "Linear.forward: xs: expected shape (N, T, 5), got (2, 3, 6).",
    );
    expect(() => layer.forward(zeros(N, D))).toThrow("Linear.forward: xs: expected shape (N, T, 5), got (2, 5).");
    expect(() => layer.forward(zeros(N, T, D))).toThrow("Linear.forward: context: expected shape (2, 4), got ().");
    const wrong = zeros(N + 1, C);
    expect(() => layer.forward(zeros(N, T, D), wrong)).toThrow(
      "Linear.forward: context: expected shape (2, 4), got (3, 4).",
    );
    expect(() => layer.backward(zeros(N, T, O))).toThrow(
      "Linear.backward: expected a forward pass before it, got none.",
    );
    layer.forward(zeros(N, T, D), zeros(N, C));
    expect(() => layer.backward(zeros(N, T, D))).toThrow(
      "Linear.backward: dys: expected shape (2, 3, 7), got (2, 3, 5).",
    );
  });

  test("a layer without a context refuses one", () => {
    const layer = new Linear(backend, { D, O });
    expect(() => layer.forward(zeros(N, T, D), zeros(N, C))).toThrow(
      "Linear.forward: context: expected shape (2, 0), got (2, 4).",
    );
  });
});
