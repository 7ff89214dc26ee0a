import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Tanh } from "../../../src/engine/layers/tanh.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";
import { tensorOf } from "../../helpers/fixtures.js";

const shape = [2, 3, 5];

describeBackends((backend) => {
  // [math.tanh(x) for x in (0, 0.5, -1, 3, -20)], by Python; one over the square of cosh is the slope.
  test("gives tanh and its gradient in place", () => {
    const layer = new Tanh(backend());
    const xs = tensorOf(backend(), { shape: [5], data: [0, 0.5, -1, 3, -20] });
    const ys = layer.forward(xs);
    expect(ys.offset).toBe(xs.offset);
    const values = [0, 0.462117157260009, -0.7615941559557649, 0.9950547536867305, -1];
    expectClose("ys", ys.data, values, { relative: 2 ** -21 });
    const dys = tensorOf(backend(), { shape: [5], data: [1, 2, -3, 100, 7] });
    const slopes = [1, 2 * 0.7864477329659275, -3 * 0.41997434161402614, 100 * 0.009866037165440211, 0];
    expectClose("dxs", layer.backward(dys).data, slopes, { relative: 1e-4, absolute: 1e-12 }); // 1 − y² where y is near 1
  });

  test("backward without forward is an error", () => {
    const dys = backend().arena.tensor(shape);
    expect(() => new Tanh(backend()).backward(dys)).toThrow(
      "Tanh.backward: expected a forward pass before it, got none.",
    );
  });
});

test("the gradient is that of central differences", () => {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const [xs, dys] = [fill(desk, backend.arena.tensor(shape)), fill(desk, backend.arena.tensor(shape))];
  const layer = new Tanh(backend);
  const copy = () => tensorOf(backend, { shape, data: [...xs.data] });
  const loss = (): number => dot(layer.forward(copy()), dys);
  loss();
  expectSlopes("xs", loss, xs, layer.backward(tensorOf(backend, { shape, data: [...dys.data] })).data);
});
