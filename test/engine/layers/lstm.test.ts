import { expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { LSTM } from "../../../src/engine/layers/lstm.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { fill, fillParams } from "../../helpers/differences.js";
import { intsOf, readLstm, setParams, tensorOf } from "../../helpers/fixtures.js";

const [N, T, D, H, C, V] = [2, 3, 5, 7, 4, 6];

describeBackends((backend) => {
  // lstm.json, by test/fixtures/pytorch.py: every row computed alone on its own steps, in float64. Numbers of order one
  // after three steps of K = D + H = 12 products each, and gradients that sum six or nine of them.
  test.each(readLstm().map((c) => [c.name, c] as const))("gives PyTorch's states and gradients: %s", (_, c) => {
    const { inputs, outputs, gradients } = c;
    const layer = new LSTM(backend(), { D: c.D, H: c.H, reverse: c.reverse });
    setParams(layer.params, [inputs.weightIh, inputs.weightHh, inputs.bias]);
    const { h0, c0 } = inputs;
    if (h0 && c0) layer.state = { h: tensorOf(backend(), h0), c: tensorOf(backend(), c0) };
    const lengths = c.lengths ? intsOf(backend(), { shape: [c.N], data: c.lengths }) : undefined;

    const hs = layer.forward(tensorOf(backend(), inputs.xs), { lengths });
    expectClose("hs", hs.data, outputs.hs.data, { absolute: 4e-7 });
    expectClose("hn", layer.last?.h.data, outputs.hn.data, { absolute: 4e-7 });
    expectClose("cn", layer.last?.c?.data, outputs.cn.data, { absolute: 4e-7 });

    const dLast = { h: tensorOf(backend(), inputs.dhn), c: tensorOf(backend(), inputs.dcn) };
    const dxs = layer.backward(tensorOf(backend(), inputs.dhs), dLast);
    const actual = { xs: dxs, h0: layer.dState?.h, c0: layer.dState?.c };
    for (const [name, recorded] of Object.entries({ xs: gradients.xs, h0: gradients.h0, c0: gradients.c0 }))
      if (recorded)
        expectClose(name, Object.entries(actual).find(([id]) => id === name)?.[1]?.data, recorded.data, {
          absolute: 2e-6,
        });
    [gradients.weightIh, gradients.weightHh, gradients.bias].forEach((recorded, i) => {
      expectClose(layer.params[i]?.name ?? "", layer.params[i]?.grad.data, recorded.data, { absolute: 2e-6 });
    });
  });

  test("T = 12 in one call gives the bits of three stateful calls of T = 4, and their gradients", () => {
    const desk = new Desk(backend(), 1);
    const whole = new LSTM(backend(), { D, H });
    fillParams(desk, whole.params);
    const [xs, dhs] = [fill(desk, backend().arena.tensor([N, 12, D])), fill(desk, backend().arena.tensor([N, 12, H]))];
    const [hs, dxs] = [whole.forward(xs), whole.backward(dhs)];
    const { h: hn, c: cn } = whole.last ?? {};

    // The layer keeps what the last call needs: one object for each window, which share weights and gradients.
    const windows = [0, 1, 2].map(() => new LSTM(backend(), { D, H, stateful: true }));
    for (const { params } of windows)
      for (const [i, { value }] of params.entries()) value.data.set(whole.params[i]?.value.data ?? []);
    let state: LSTM["state"];
    windows.forEach((window, i) => {
      window.state = state;
      expectSameBits(`hs of call ${i}`, window.forward(steps(backend(), xs, i)).data, steps(backend(), hs, i).data);
      state = window.state;
    });
    expectSameBits("hn", state?.h.data, hn?.data);
    expectSameBits("cn", state?.c?.data, cn?.data);

    let after: LSTM["dState"];
    for (const i of [2, 1, 0]) {
      const window = windows[i];
      const dx = window?.backward(steps(backend(), dhs, i), after);
      expectClose(`dxs of call ${i}`, dx?.data, steps(backend(), dxs ?? xs, i).data, { absolute: 4e-7 });
      after = window?.dState;
    }
    whole.params.forEach(({ name, grad }, p) => {
      const grads = windows.map(({ params }) => params[p]?.grad.data);
      const sums = [...grad.data].map((_, k) => grads.reduce((sum, d) => sum + (d?.[k] ?? Number.NaN), 0));
      expectClose(name, grad.data, sums, { absolute: 1e-5 });
    });
  });

  test("a stateful layer continues from its last state, and from zeros after a reset", () => {
    const desk = new Desk(backend(), 1);
    const layer = new LSTM(backend(), { D, H, stateful: true });
    fillParams(desk, layer.params);
    const xs = fill(desk, backend().arena.tensor([N, 12, D]));
    const runs = [0, 1].map(() => {
      layer.state = undefined;
      return [0, 1, 2].map((i) => layer.forward(steps(backend(), xs, i)).data.slice());
    });
    expect(runs[1]).toEqual(runs[0]);
    layer.state = undefined;
    const whole = layer.forward(xs);
    expect([0, 1, 2].map((i) => steps(backend(), whole, i).data)).toEqual(runs[0]);
  });

  test("the result of a row depends neither on its batch nor on its padding", () => {
    const desk = new Desk(backend(), 1);
    const layer = new LSTM(backend(), { D, H, reverse: true });
    fillParams(desk, layer.params);
    const row = fill(desk, backend().arena.tensor([1, T, D])).data.slice();
    const alone = layer.forward(tensorOf(backend(), { shape: [1, T, D], data: [...row] })).data.slice();
    const batch = fill(desk, backend().arena.tensor([6, 2 * T, D]));
    batch.data.set(row, 3 * 2 * T * D);
    const hs = layer.forward(batch, { lengths: intsOf(backend(), { shape: [6], data: [6, 1, 2, T, 5, 4] }) });
    expectSameBits("hs", hs.data.slice(3 * 2 * T * H, (3 * 2 + 1) * T * H), alone);
    expectSameBits("hn", layer.last?.h.data.slice(3 * H, 4 * H), alone.slice(0, H));
  });

  test("ids and their table give the bits of the frames", () => {
    const desk = new Desk(backend(), 1);
    const layer = new LSTM(backend(), { D, H });
    fillParams(desk, layer.params);
    const table = {
      name: "table",
      value: fill(desk, backend().arena.tensor([V, D])),
      grad: backend().arena.tensor([V, D]),
    };
    const ids = desk.below([N, T], V);
    const frames = backend().arena.tensor([N, T, D]);
    for (const [i, id] of ids.data.entries()) frames.data.set(table.value.data.subarray(id * D, (id + 1) * D), i * D);
    const dhs = fill(desk, backend().arena.tensor([N, T, H]));

    const ofFrames = layer.forward(frames).data.slice();
    const dxs = layer.backward(dhs);
    const places = [...ids.data.entries()];
    const sums = Array.from({ length: V * D }, (_, i) =>
      places
        .filter(([, id]) => id === Math.floor(i / D))
        .reduce((sum, [place]) => sum + (dxs?.data[place * D + (i % D)] ?? Number.NaN), 0),
    );
    const grads = layer.params.map(({ grad }) => grad.data.slice());

    for (const { grad } of layer.params) grad.data.fill(0);
    expectSameBits("hs", layer.forward({ ids, table }).data, ofFrames);
    expect(layer.backward(dhs)).toBeUndefined();
    expectClose("table", table.grad.data, sums, { absolute: 2e-6 });
    for (const [i, { name, grad }] of layer.params.entries())
      expectClose(name, grad.data, grads[i], { absolute: 2e-6 });
  });

  test("gradients of parameters are added, not overwritten", () => {
    const desk = new Desk(backend(), 1);
    const layer = new LSTM(backend(), { D, H, C });
    fillParams(desk, layer.params);
    const [xs, dhs] = [fill(desk, backend().arena.tensor([N, T, D])), fill(desk, backend().arena.tensor([N, T, H]))];
    const given = { context: fill(desk, backend().arena.tensor([N, C])) };
    const grads = [1, 2].map(() => {
      layer.forward(xs, given);
      layer.backward(dhs);
      return layer.params.map(({ grad }) => grad.data.slice());
    });
    grads[0]?.forEach((once, i) => {
      expectClose(
        layer.params[i]?.name ?? "",
        grads[1]?.[i],
        once.map((d) => 2 * d),
        { absolute: 1e-5 },
      );
    });
  });
});

/** Steps 4·i to 4·i + 3 of a sequence (N, 12, width). */
function steps({ arena }: Backend, xs: Tensor, i: number): Tensor {
  const width = xs.shape[2] ?? 0;
  const part = arena.tensor([N, 4, width]);
  for (let n = 0; n < N; n++)
    part.data.set(xs.data.subarray((n * 12 + 4 * i) * width, (n * 12 + 4 * i + 4) * width), n * 4 * width);
  return part;
}
