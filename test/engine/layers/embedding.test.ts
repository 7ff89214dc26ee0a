import { describe, expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Embedding } from "../../../src/engine/layers/embedding.js";
import { Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill, fillParams } from "../../helpers/differences.js";
import { intsOf, readOptim, setParams, tensorOf } from "../../helpers/fixtures.js";

describeBackends((backend) => {
  // optim.json, by test/fixtures/pytorch.py: ids that come twice and words that never come.
  test("gives PyTorch's vectors and PyTorch's gradient", () => {
    const { ids, weight, dxs, xs, dweight } = readOptim().embedding;
    const [V = 0, D = 0] = weight.shape;
    const layer = new Embedding(backend(), { V, D });
    setParams(layer.params, [weight]);
    expectSameBits("xs", layer.forward(intsOf(backend(), ids)).data, xs.data);
    layer.backward(tensorOf(backend(), dxs));
    // Sums of at most three multiples of 1/256 are exact.
    expectSameBits("dweight", layer.params[0].grad.data, dweight.data);
  });

  test("gradients are added, not overwritten", () => {
    const { ids, weight, dxs, dweight } = readOptim().embedding;
    const [V = 0, D = 0] = weight.shape;
    const layer = new Embedding(backend(), { V, D });
    layer.forward(intsOf(backend(), ids));
    for (const _ of [1, 2]) layer.backward(tensorOf(backend(), dxs));
    expectClose(
      "dweight",
      layer.params[0].grad.data,
      dweight.data.map((d) => 2 * d),
      {},
    );
  });

  test("gives ids with the table if it has no more rows than there are ids, otherwise embeddings", () => {
    const layer = new Embedding(backend(), { V: 6, D: 5 });
    const ids = (T: number) =>
      intsOf(backend(), { shape: [2, T], data: Array.from({ length: 2 * T }, (_, i) => i % 6) });
    const [long, short] = [layer.sequence(ids(3)), layer.sequence(ids(2))];
    expect(short).toBeInstanceOf(Tensor);
    expect(long).toMatchObject({ table: { name: "embedding.weight" } });
  });
});

test("the gradient is that of central differences", () => {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const layer = new Embedding(backend, { V: 7, D: 5 });
  fillParams(desk, layer.params);
  const [ids, dxs] = [desk.below([2, 3], 7), fill(desk, backend.arena.tensor([2, 3, 5]))];
  const loss = (): number => dot(layer.forward(ids), dxs);
  loss();
  layer.backward(dxs);
  expectSlopes("weight", loss, layer.params[0].value, layer.params[0].grad.data);
});

describe("errors", () => {
  const backend = openReference();

  test("name the expected and the actual value", () => {
    const layer = new Embedding(backend, { V: 7, D: 5 });
    expect(() => layer.backward(backend.arena.tensor([2, 3, 5]))).toThrow(
      "Embedding.backward: expected a forward pass before it, got none.",
    );
    const flat = intsOf(backend, { shape: [6], data: [0, 1, 2, 3, 4, 5] });
    expect(() => layer.forward(flat)).toThrow("Embedding.forward: ids: expected shape (N, T), got (6).");
    layer.forward(intsOf(backend, { shape: [2, 3], data: [0, 1, 2, 3, 4, 5] }));
    expect(() => layer.backward(backend.arena.tensor([2, 3, 4]))).toThrow(
      "Embedding.backward: dxs: expected shape (2, 3, 5), got (2, 3, 4).",
    );
  });

  test("a weight of another layer must have the same shape", () => {
    const [weight] = new Embedding(backend, { V: 7, D: 5 }).params;
    expect(new Embedding(backend, { V: 7, D: 5 }, "another", weight).params).toEqual([weight]);
    expect(() => new Embedding(backend, { V: 8, D: 5 }, "another", weight)).toThrow(
      "Embedding: tied weight: expected shape (8, 5), got (7, 5).",
    );
  });

  test.each([7, -1, 2 ** 30])("an id of %i is refused", (id) => {
    const layer = new Embedding(backend, { V: 7, D: 5 });
    const ids = intsOf(backend, { shape: [1, 2], data: [6, id] });
    expect(() => layer.forward(ids)).toThrow(`Embedding.forward: ids: expected numbers from 0 to 6, got ${id}.`);
  });
});
