import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Conv2d } from "../../../src/engine/layers/conv2d.js";
import { MaxPool } from "../../../src/engine/layers/max-pool.js";
import { ReLU } from "../../../src/engine/layers/relu.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";
import { readPictureLayers, recorded, setParamsByName, tensorOf } from "../../helpers/fixtures.js";

describeBackends((backend) => {
  // picture-layers.json, by test/fixtures/pytorch-pictures.py: with the convolution before and the ReLU after it
  test.each(readPictureLayers().blocks.map((c) => [c.name, c] as const))("gives PyTorch's numbers: %s", (_, c) => {
    const [conv, pool, relu] = [new Conv2d(backend(), { C: 3, O: 5 }), new MaxPool(backend()), new ReLU(backend())];
    const named = Object.entries(c.params).map(([name, array]) => [`conv.${name}`, array] as const);
    setParamsByName(conv.params, Object.fromEntries(named));
    // Sums of at most 45 products of numbers up to 4.
    const tolerance = { absolute: 2e-5, relative: 1e-6 };
    const ys = relu.forward(pool.forward(conv.forward(tensorOf(backend(), recorded(c.inputs, "xs")))));
    expect(ys.shape).toEqual(c.outputs["ys"]?.shape);
    expectClose("ys", ys.data, c.outputs["ys"]?.data, tolerance);
    const dxs = conv.backward(pool.backward(relu.backward(tensorOf(backend(), recorded(c.inputs, "dys")))));
    expectClose("dxs", dxs.data, c.gradients["xs"]?.data, tolerance);
    for (const { name, grad } of conv.params)
      expectClose(name, grad.data, recorded(c.gradients, name.replace("conv.", "")).data, tolerance);
  });
});

test("the gradient is that of central differences", () => {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const layer = new MaxPool(backend);
  const [xs, dys] = [backend.arena.tensor([2, 5, 4, 3]), fill(desk, backend.arena.tensor([2, 2, 2, 3]))];
  // Numbers far enough apart that none overtakes another.
  xs.data.set(Array.from({ length: xs.size }, (_, i) => ((i * 37) % xs.size) / 4));
  const loss = (): number => dot(layer.forward(xs), dys);
  loss();
  expectSlopes("xs", loss, xs, layer.backward(dys).data.slice());
});

test("errors name the expected and the actual value", () => {
  const { arena, ...rest } = openReference();
  const layer = new MaxPool({ arena, ...rest });
  expect(() => layer.forward(arena.tensor([2, 3, 4]))).toThrow(
    "MaxPool.forward: xs: expected shape (N, Y, X, C), got (2, 3, 4).",
  );
  expect(() => layer.forward(arena.tensor([2, 1, 4, 3]))).toThrow(
    "MaxPool.forward: xs: expected images of at least 2 × 2, got 1 × 4.",
  );
  const dys = arena.tensor([2, 2, 2, 3]);
  expect(() => layer.backward(dys)).toThrow("MaxPool.backward: expected a forward pass before it, got none.");
  layer.forward(arena.tensor([2, 3, 5, 3]));
  expect(() => layer.backward(dys)).toThrow("MaxPool.backward: dys: expected shape (2, 1, 2, 3), got (2, 2, 2, 3).");
});
