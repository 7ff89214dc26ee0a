import { expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Positions } from "../../../src/engine/layers/positions.js";
import { describeBackends } from "../../helpers/backends.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill, fillParams } from "../../helpers/differences.js";
import { setParams, tensorOf } from "../../helpers/fixtures.js";

describeBackends((backend) => {
  test("adds the embedding of each position in place, and accumulates its gradient", () => {
    const layer = new Positions(backend(), { S: 2, D: 3 }, "grid");
    expect(layer.params.map(({ name }) => name)).toEqual(["grid.embedding.weight"]);
    setParams(layer.params, [{ shape: [2, 3], data: [1, 2, 3, 40, 50, 60] }]);
    const xs = tensorOf(backend(), { shape: [2, 2, 3], data: [0, 0, 0, 1, 1, 1, 2, 2, 2, 0.5, 0, -1] });
    const ys = layer.forward(xs);
    expect(ys.offset).toBe(xs.offset);
    expect([...ys.data]).toEqual([1, 2, 3, 41, 51, 61, 3, 4, 5, 40.5, 50, 59]);
    const dys = tensorOf(backend(), { shape: [2, 2, 3], data: [1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60] });
    expect([...layer.backward(dys).data]).toEqual([1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60]);
    layer.backward(dys);
    expect([...layer.params[0].grad.data]).toEqual([22, 44, 66, 88, 110, 132]);
  });
});

test("gradients are those of central differences", () => {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const layer = new Positions(backend, { S: 3, D: 5 });
  fillParams(desk, layer.params);
  const [xs, dys] = [fill(desk, backend.arena.tensor([2, 3, 5])), fill(desk, backend.arena.tensor([2, 3, 5]))];
  const loss = (): number => dot(layer.forward(tensorOf(backend, { shape: [2, 3, 5], data: [...xs.data] })), dys);
  loss();
  const dxs = layer.backward(dys).data.slice();
  for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
  expectSlopes("xs", loss, xs, dxs);
});

test("another number of positions is refused", () => {
  const { arena, ...rest } = openReference();
  const layer = new Positions({ arena, ...rest }, { S: 3, D: 5 });
  const wrong = arena.tensor([2, 4, 5]);
  expect(() => layer.forward(wrong)).toThrow("Positions.forward: xs: expected shape (N, 3, 5), got (2, 4, 5).");
  expect(() => layer.backward(wrong)).toThrow("Positions.backward: dys: expected shape (N, 3, 5), got (2, 4, 5).");
});
