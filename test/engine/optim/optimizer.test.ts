import { expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { Embedding } from "../../../src/engine/layers/embedding.js";
import { makeParam } from "../../../src/engine/layers/layer.js";
import { Adam, clipFactor, gradientNorm, type Optimizer, SGD, schedules } from "../../../src/engine/optim/optimizer.js";
import type { Param } from "../../../src/engine/tensor.js";
import { LanguageModel } from "../../../src/models/language-model.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { type Recorded, readOptim } from "../../helpers/fixtures.js";

const { adam, sgd } = readOptim();

function makeParamOf({ arena }: Backend, { shape, data }: Recorded, name = "weight") {
  const param = makeParam(arena, name, shape);
  param.value.data.set(data);
  return param;
}

describeBackends((backend) => {
  // optim.json, by test/fixtures/pytorch.py: five steps in float64, with one gradient that is always 0 and one smaller
  // than Adam's epsilon. Values near 1, rounded once in a step; Adam's step of 0.01 is off by 1e-5 of itself, since
  // 1 − β₂ is taken of a float32 β₂.
  test.each([
    ["Adam", adam, { absolute: 5 * (2 ** -24 + 0.01 * 1e-5) }],
    ["SGD", sgd, { absolute: 5 * 2 ** -23 }],
  ] as const)("%s moves as PyTorch's", (name, recorded, tolerance) => {
    const params = [makeParamOf(backend(), recorded.initial)];
    const optimizer: Optimizer = new { Adam, SGD }[name](backend(), params, recorded.lr);
    recorded.grads.forEach((grad, i) => {
      params[0]?.grad.data.set(grad.data);
      optimizer.step(1, i + 1);
      expectClose(`step ${i + 1}`, params[0]?.value.data, recorded.params[i]?.data, tolerance);
    });
    expect(params[0]?.value.data[0]).toBe(recorded.initial.data[0]);
  });

  test.each([["Adam"], ["SGD"]] as const)("%s: a scale is as good as gradients that are that much larger", (name) => {
    const [scaled, plain] = [makeParamOf(backend(), adam.initial), makeParamOf(backend(), adam.initial)];
    const [first, second] = [scaled, plain].map((param) => new ({ Adam, SGD })[name](backend(), [param], 0.1));
    adam.grads.forEach(({ data }, i) => {
      scaled.grad.data.set(data);
      plain.grad.data.set(data.map((d) => d / 4));
      first?.step(0.25, i + 1);
      second?.step(1, i + 1);
    });
    expectSameBits("value", scaled.value.data, plain.value.data);
  });

  test("a step leaves the gradients at zero for the next", () => {
    for (const Kind of [Adam, SGD]) {
      const param = makeParamOf(backend(), adam.initial);
      param.grad.data.set(adam.grads[0]?.data ?? []);
      new Kind(backend(), [param], 0.1).step(1, 1);
      expect([...param.grad.data].every((x) => x === 0)).toBe(true);
    }
  });

  test.each([Adam, SGD])("a sparse gradient moves an embedding as a dense one does: %o", (Kind) => {
    const [V, D] = [40, 3];
    const run = (tied: boolean) => {
      const embedding = new Embedding(backend(), { V, D }, "embedding", tied);
      const [param] = embedding.params;
      param.value.data.set(Float32Array.from({ length: V * D }, (_, i) => Math.sin(i)));
      const optimizer = new Kind(backend(), embedding.params, 0.1);
      const norms = [[3, 3, 39], [0], [7, 8]].map((words, i) => {
        const ids = backend().arena.ints([1, words.length]);
        ids.data.set(words);
        const dxs = backend().arena.tensor([1, words.length, D]);
        dxs.data.set(embedding.forward(ids).data);
        embedding.backward(dxs);
        const norm = gradientNorm(backend(), embedding.params);
        optimizer.step(0.5, i + 1);
        return norm;
      });
      return {
        value: param.value.data.slice(),
        grad: param.grad.data.slice(),
        norms,
        isSparse: param.touched !== undefined,
      };
    };
    const [dense, sparse] = [run(true), run(false)];
    expect([dense.isSparse, sparse.isSparse]).toEqual([false, true]);
    expectSameBits("value", sparse.value, dense.value);
    expectSameBits("grad", sparse.grad, dense.grad);
    expectClose("norms", sparse.norms, dense.norms, { relative: 1e-7 });
  });

  test("only a backward pass touches rows: evaluation in between does not change the next step", () => {
    const model = new LanguageModel(backend(), {
      ...{
        kind: "language-model",
        cell: "rnn",
        layers: 1,
        vocabSize: 9,
        embeddingSize: 2,
        hiddenSize: 3,
        dropout: 0,
        tieWeights: "none",
      },
    }).initialize(1);
    const table = model.params.find(({ name }) => name === "embedding.weight");
    for (const words of [[4], [1, 2, 2, 3, 1, 2, 2, 3, 1, 2]]) {
      // frames, then rows of the table
      const inputs = backend().arena.ints([1, words.length]);
      inputs.data.set(words);
      model.state = undefined;
      model.losses({ inputs, targets: inputs });
      expect([...(table?.touched?.ids?.data ?? [0])]).toEqual([]);
      model.forward({ inputs, targets: inputs });
      model.backward();
      expect([...(table?.touched?.ids?.data ?? [])]).toEqual([...new Set(words)]);
      new SGD(backend(), model.params, 0.1).step(1);
    }
  });

  test("the state of Adam has names, and whoever restores it goes on in the same bits", () => {
    const start = () => {
      const params = [makeParamOf(backend(), adam.initial, "a"), makeParamOf(backend(), adam.initial, "b")];
      return { params, optimizer: new Adam(backend(), params, 0.01) };
    };
    const [whole, before, after] = [start(), start(), start()];
    const step = ({ params, optimizer }: ReturnType<typeof start>, i: number): void => {
      for (const { grad } of params) grad.data.set(adam.grads[i]?.data ?? []);
      optimizer.step(1, i + 1);
    };
    for (const i of [0, 1, 2, 3]) step(whole, i);
    for (const i of [0, 1]) step(before, i);
    expect(before.optimizer.state.map(({ name }) => name)).toEqual(["adam.m.a", "adam.v.a", "adam.m.b", "adam.v.b"]);
    for (const [i, { value }] of before.optimizer.state.entries()) after.optimizer.state[i]?.value.data.set(value.data);
    for (const [i, { value }] of before.params.entries()) after.params[i]?.value.data.set(value.data);
    for (const i of [2, 3]) step(after, i);
    for (const [i, { name, value }] of whole.params.entries())
      expectSameBits(name, after.params[i]?.value.data, value.data);
  });
});

function paramsOf({ arena }: Backend, grads: readonly Recorded[]): Param[] {
  return grads.map(({ shape, data }, i) => {
    const param = makeParam(arena, `param ${i}`, shape);
    param.grad.data.set(data);
    return param;
  });
}

describeBackends((backend) => {
  // optim.json, by test/fixtures/pytorch.py: clip_grad_norm_, which divides by the norm plus 1e-6, too.
  test.each(readOptim().clip.map((c) => [c.name, c] as const))("clips as PyTorch: %s", (_, c) => {
    const params = paramsOf(backend(), c.grads);
    const norm = gradientNorm(backend(), params);
    expectClose("norm", [norm], [c.norm], { relative: 3e-7 }); // squares are added up in float32
    new SGD(backend(), params, 1).step(clipFactor(norm, c.maxNorm));
    params.forEach(({ name, value }, i) => {
      expectClose(
        name,
        value.data,
        c.clipped[i]?.data.map((d) => -d),
        { relative: 5e-7 },
      );
    });
  });

  test("a tied weight counts once", () => {
    const [weight, other] = paramsOf(backend(), [
      { shape: [2], data: [3, 4] },
      { shape: [1], data: [12] },
    ]);
    if (!weight || !other) throw new Error("expected two params");
    expect(gradientNorm(backend(), [weight, other, weight])).toBe(13);
  });
});

test("a norm at or below the limit is left alone", () => {
  expect(clipFactor(5, 5)).toBe(1);
  expect(clipFactor(0, 5)).toBe(1);
  expect(clipFactor(10, 5)).toBeCloseTo(0.5, 6);
});

// From the equations: at the start, after a quarter, half and all of the training.
test.each([
  ["constant", [1, 1, 1, 1]],
  ["linear", [1, 0.75, 0.5, 0]],
  ["cosine", [1, (1 + Math.SQRT1_2) / 2, 0.5, 0]],
] as const)("%s goes from the full rate to its end", (name, expected) => {
  for (const [i, done] of [0, 0.25, 0.5, 1].entries())
    expect(schedules[name](done)).toBeCloseTo(expected[i] ?? Number.NaN, 12);
});
