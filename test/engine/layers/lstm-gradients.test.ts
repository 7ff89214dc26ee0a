import { describe, expect, test } from "vitest";
import { openReference } from "../../../src/engine/backend/reference.js";
import { LSTM } from "../../../src/engine/layers/lstm.js";
import type { RecurrentOptions } from "../../../src/engine/layers/recurrent.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill, fillParams } from "../../helpers/differences.js";
import { intsOf } from "../../helpers/fixtures.js";

const [N, T, D, H, C, V] = [2, 3, 5, 7, 4, 6];

function make(options: Partial<RecurrentOptions> = {}) {
  const backend = openReference();
  const desk = new Desk(backend, 1);
  const layer = new LSTM(backend, { D, H, ...options });
  fillParams(desk, layer.params);
  const tensor = (...shape: number[]): Tensor => fill(desk, backend.arena.tensor(shape));
  return { backend, desk, layer, tensor };
}

describe("gradients are those of central differences", () => {
  test.each([
    ["frames, from a state", {}],
    ["frames, reversed and ragged, with a context", { reverse: true, C }],
    ["ids and their table, with a context", { C }],
  ])("%s", (name, options) => {
    const { backend, desk, layer, tensor } = make(options);
    const lookup = {
      ids: desk.below([N, T], V),
      table: { name: "table", value: tensor(V, D), grad: backend.arena.tensor([V, D]) },
    };
    const frames = tensor(N, T, D);
    const input = name.startsWith("ids") ? lookup : frames;
    const context = "C" in options ? tensor(N, C) : undefined;
    const lengths = name.includes("ragged") ? intsOf(backend, { shape: [N], data: [3, 2] }) : undefined;
    const state = { h: tensor(N, H), c: tensor(N, H) };
    const [dhs, dLast] = [tensor(N, T, H), { h: tensor(N, H), c: tensor(N, H) }];

    const loss = (): number => {
      layer.state = state;
      const hs = layer.forward(input, { context, lengths });
      const { h, c } = layer.last ?? {};
      return dot(hs, dhs) + (h ? dot(h, dLast.h) : Number.NaN) + (c ? dot(c, dLast.c) : Number.NaN);
    };
    loss();
    const dxs = layer.backward(dhs, dLast)?.data.slice();
    const { dState, dContext } = layer;
    const [dh0, dc0, dcontext] = [dState?.h, dState?.c, dContext].map((tensor) => tensor?.data.slice());

    for (const { name: param, value, grad } of layer.params) expectSlopes(param, loss, value, grad.data);
    expectSlopes("h0", loss, state.h, dh0);
    expectSlopes("c0", loss, state.c, dc0);
    if (context) expectSlopes("context", loss, context, dcontext);
    else expect(dcontext).toBeUndefined();
    if (input === frames) expectSlopes("xs", loss, frames, dxs);
    else expectSlopes("table", loss, lookup.table.value, lookup.table.grad.data);
  });

  test("of the last state alone, or of the cell alone", () => {
    const { layer, tensor } = make();
    const [xs, dLast] = [tensor(N, T, D), { h: tensor(N, H), c: tensor(N, H) }];
    const loss = (): number => {
      layer.forward(xs);
      return layer.last ? dot(layer.last.h, dLast.h) : Number.NaN;
    };
    loss();
    const dxs = layer.backward(undefined, { h: dLast.h })?.data.slice();
    expectSlopes("xs", loss, xs, dxs);
    for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
    expect(layer.dState).toBeUndefined();
  });
});

describe("errors name the expected and the actual value", () => {
  test("sizes", () => {
    const { backend, layer } = make({ C });
    const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);
    const ids = backend.arena.ints([N, T]);
    const table = (columns: number) => ({ name: "table", value: zeros(V, columns), grad: zeros(V, columns) });
    const [xs, context] = [zeros(N, T, D), zeros(N, C)];
    const at = "LSTM.forward: ";
    expect(() => layer.forward(zeros(N, T, 6))).toThrow(`${at}xs: expected shape (N, T, 5), got (2, 3, 6).`);
    expect(() => layer.forward(zeros(N, D))).toThrow(`${at}xs: expected shape (N, T, 5), got (2, 5).`);
    expect(() => layer.forward({ ids: backend.arena.ints([6]), table: table(D) })).toThrow(
      `${at}ids: expected shape (N, T), got (6).`,
    );
    expect(() => layer.forward({ ids, table: table(6) })).toThrow(`${at}table: expected shape (V, 5), got (6, 6).`);
    expect(() => layer.forward(xs)).toThrow(`${at}context: expected shape (2, 4), got ().`);
    expect(() => layer.forward(xs, { context: zeros(3, C) })).toThrow(
      `${at}context: expected shape (2, 4), got (3, 4).`,
    );
    const lengths = backend.arena.ints([3]);
    expect(() => layer.forward(xs, { context, lengths })).toThrow(`${at}lengths: expected shape (2), got (3).`);
    layer.state = { h: zeros(3, H) };
    expect(() => layer.forward(xs, { context })).toThrow(`${at}state.h: expected shape (2, 7), got (3, 7).`);
    layer.state = { h: zeros(N, H), c: zeros(N, D) };
    expect(() => layer.forward(xs, { context })).toThrow(`${at}state.c: expected shape (2, 7), got (2, 5).`);
  });

  test("the gradients that backward is given", () => {
    const { backend, layer } = make();
    const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);
    layer.forward(zeros(N, T, D));
    const at = "LSTM.backward: ";
    expect(() => layer.backward(zeros(N, T, D))).toThrow(`${at}dhs: expected shape (2, 3, 7), got (2, 3, 5).`);
    expect(() => layer.backward(undefined, { h: zeros(H, N) })).toThrow(
      `${at}dLast.h: expected shape (2, 7), got (7, 2).`,
    );
    const wrong = { h: zeros(N, H), c: zeros(N, D) };
    expect(() => layer.backward(undefined, wrong)).toThrow(`${at}dLast.c: expected shape (2, 7), got (2, 5).`);
  });

  // A kernel takes lengths and ids at their word; beyond their range it would read and write other memory, or crash.
  test.each([
    [3, 0],
    [4, 3],
    [-1, 3],
  ])("lengths %i and %i", (...data) => {
    const { backend, layer } = make();
    const lengths = intsOf(backend, { shape: [N], data });
    const wrong = data.find((length) => length < 1 || length > T);
    expect(() => layer.forward(backend.arena.tensor([N, T, D]), { lengths })).toThrow(
      `LSTM.forward: lengths: expected numbers from 1 to 3, got ${wrong}.`,
    );
  });

  test.each([V, -1, 2 ** 30])("an id of %i", (id) => {
    const { backend, layer, tensor } = make();
    const ids = intsOf(backend, { shape: [N, T], data: [0, 1, 2, 3, 4, id] });
    const table = { name: "table", value: tensor(V, D), grad: tensor(V, D) };
    expect(() => layer.forward({ ids, table })).toThrow(`LSTM.forward: ids: expected numbers from 0 to 5, got ${id}.`);
  });

  test("backward runs once for each forward", () => {
    const { backend, layer } = make();
    const message = "LSTM.backward: expected one forward pass before each backward pass, got none.";
    expect(() => layer.backward(undefined)).toThrow(message);
    layer.forward(backend.arena.tensor([N, T, D]));
    layer.backward(undefined);
    expect(() => layer.backward(undefined)).toThrow(message);
  });
});
