import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Conv2d } from "../../../src/engine/layers/conv2d.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill, fillParams } from "../../helpers/differences.js";
import { readPictureLayers, recorded, setParamsByName, tensorOf } from "../../helpers/fixtures.js";

const [N, Y, X, C, O] = [2, 4, 5, 3, 7];

function make(backend: Backend) {
  const desk = new Desk(backend, 1);
  const layer = new Conv2d(backend, { C, O });
  fillParams(desk, layer.params);
  const [xs, dys] = [fill(desk, backend.arena.tensor([N, Y, X, C])), fill(desk, backend.arena.tensor([N, Y, X, O]))];
  return { layer, xs, dys };
}

describeBackends((backend) => {
  // picture-layers.json, by test/fixtures/pytorch-pictures.py
  test.each(readPictureLayers().convolutions.map((c) => [c.name, c] as const))(
    "gives PyTorch's numbers: %s",
    (_, c) => {
      const [xs, dys] = [recorded(c.inputs, "xs"), recorded(c.inputs, "dys")];
      const sizes = { C: xs.shape[3] ?? 0, O: dys.shape[3] ?? 0, K: c.window };
      const layer = new Conv2d(backend(), sizes, "");
      const named = Object.entries(c.params).map(([name, array]) => [`.${name}`, array] as const);
      setParamsByName(layer.params, Object.fromEntries(named));
      // Sums of at most 63 products of numbers up to 4.
      const tolerance = { absolute: 2e-5, relative: 1e-6 };
      const { shape, data } = layer.forward(tensorOf(backend(), xs));
      expect(shape).toEqual(dys.shape);
      expectClose("ys", data, c.outputs["ys"]?.data, tolerance);
      const dxs = layer.backward(tensorOf(backend(), dys));
      expectClose("dxs", dxs.data, c.gradients["xs"]?.data, tolerance);
      for (const { name, grad } of layer.params)
        expectClose(name, grad.data, recorded(c.gradients, name.slice(1)).data, tolerance);
    },
  );

  test("an image gives the same bits alone as in a batch", () => {
    const { layer, xs } = make(backend());
    const whole = layer.forward(xs).data.slice();
    for (let n = 0; n < N; n++) {
      const one = layer.forward(xs.rows(n, n + 1)).data;
      expectSameBits(`picture ${n}`, one, whole.slice(n * one.length, (n + 1) * one.length));
    }
  });

  test("without the gradient of the input, those of the parameters are the same, and added", () => {
    const { layer, xs, dys } = make(backend());
    layer.forward(xs);
    layer.backward(dys);
    const grads = layer.params.map(({ grad }) => grad.data.slice());
    for (const { grad } of layer.params) grad.data.fill(0);
    expect(layer.backward(dys, false)).toBeUndefined();
    for (const [i, { grad }] of layer.params.entries()) expectSameBits(`grad ${i}`, grad.data, grads[i]);
    layer.backward(dys, false);
    for (const [i, { name, grad }] of layer.params.entries())
      expectClose(
        name,
        grad.data,
        grads[i]?.map((d) => 2 * d),
        { absolute: 2e-5 },
      );
  });
});

test("gradients are those of central differences", () => {
  const { layer, xs, dys } = make(openReference());
  const loss = (): number => dot(layer.forward(xs), dys);
  loss();
  const dxs = layer.backward(dys).data.slice();
  for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
  expectSlopes("xs", loss, xs, dxs);
});

describe("errors", () => {
  const backend = openReference();
  const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);

  test("name the expected and the actual value", () => {
    const layer = new Conv2d(backend, { C, O });
    expect(() => layer.forward(zeros(N, C, Y, X))).toThrow(
      "Conv2d.forward: xs: expected shape (N, Y, X, 3), got (2, 3, 4, 5).",
    );
    expect(() => layer.backward(zeros(N, Y, X, O))).toThrow(
      "Conv2d.backward: expected a forward pass before it, got none.",
    );
    layer.forward(zeros(N, Y, X, C));
    expect(() => layer.backward(zeros(N, Y, X, C))).toThrow(
      "Conv2d.backward: dys: expected shape (2, 4, 5, 7), got (2, 4, 5, 3).",
    );
  });

  test("an even kernel size is refused", () => {
    expect(() => new Conv2d(backend, { C, O, K: 4 })).toThrow("Conv2d: K: expected an odd number, got 4.");
  });
});
