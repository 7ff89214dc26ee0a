import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { ReLU } from "../../../src/engine/layers/relu.js";
import { describeBackends } from "../../helpers/backends.js";
import { dot, expectSlopes } from "../../helpers/differences.js";
import { tensorOf } from "../../helpers/fixtures.js";

// PyTorch's numbers, behind a convolution and a max-pool, are compared in max-pool.test.ts.
describeBackends((backend) => {
  test("gives max(x, 0) and its gradient in place", () => {
    const layer = new ReLU(backend());
    const xs = tensorOf(backend(), { shape: [2, 2], data: [-3, 0, 0.5, 20] });
    const ys = layer.forward(xs);
    expect(ys.offset).toBe(xs.offset);
    expect([...ys.data]).toEqual([0, 0, 0.5, 20]);
    const dxs = layer.backward(tensorOf(backend(), { shape: [2, 2], data: [1, 2, -3, 4] }));
    expect([...dxs.data]).toEqual([0, 0, -3, 4]);
  });

  test("backward without forward is an error", () => {
    const dys = backend().arena.tensor([2, 3]);
    expect(() => new ReLU(backend()).backward(dys)).toThrow(
      "ReLU.backward: expected a forward pass before it, got none.",
    );
  });
});

test("the gradient is that of central differences", () => {
  const backend = openReference();
  const layer = new ReLU(backend);
  const data = Array.from({ length: 30 }, (_, i) => ((i * 7) % 30) / 4 - 3.625); // none within the steps of 0
  const [xs, dys] = [
    tensorOf(backend, { shape: [30], data }),
    tensorOf(backend, { shape: [30], data: data.toSorted() }),
  ];
  const copy = (tensor: typeof xs) => tensorOf(backend, { shape: [30], data: [...tensor.data] });
  const loss = (): number => dot(layer.forward(copy(xs)), dys);
  loss();
  expectSlopes("xs", loss, xs, layer.backward(copy(dys)).data);
});
