import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { keysOf } from "../../../src/engine/check-options.js";
import { ShapeError } from "../../../src/engine/errors.js";
import { Bidirectional } from "../../../src/engine/layers/bidirectional.js";
import { type CellName, cells } from "../../../src/engine/layers/cells.js";
import { Embedding } from "../../../src/engine/layers/embedding.js";
import type { RecurrentState } from "../../../src/engine/layers/recurrent.js";
import type { Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits, type Numbers } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";
import { expectError } from "../../helpers/errors.js";
import {
  lengthsOf,
  type Recorded,
  readBidirectional,
  recorded,
  setParamsByName,
  tensorOf,
} from "../../helpers/fixtures.js";

const [N, S, D, H] = [3, 5, 6, 8];
const LENGTHS = [5, 2, 4];
const names = keysOf(cells);

/** A layer with weights of order 1/2, its input, and the gradients of all outputs. */
function make(backend: Backend, cell: CellName) {
  const desk = new Desk(backend, 4);
  const layer = new Bidirectional(backend, cell, { D, H }, "encoder");
  for (const { value } of layer.params) fill(desk, value, 0.5);
  const draw = (...shape: number[]): Tensor => fill(desk, backend.arena.tensor(shape));
  const dlast = { h: draw(N, H), c: cell === "lstm" ? draw(N, H) : undefined };
  return { layer, xs: draw(N, S, D), dhs: draw(N, S, H), dlast, lengths: lengthsOf(backend, LENGTHS) };
}

/** Columns `from` to `to` of every row of H. */
function columns(values: Numbers | undefined, from: number, to: number): number[] {
  return Array.from(values ?? []).filter((_, i) => i % H >= from && i % H < to);
}

describeBackends((backend) => {
  // bidirectional.json, by test/fixtures/pytorch-attention.py, in float64: two layers over packed rows. States of order
  // one, after two times five steps of sums of 10 or 12 products; gradients sum up 11 steps. A few times what was seen.
  test.each(readBidirectional().map((c) => [c.name, c] as const))("two layers give PyTorch's numbers: %s", (_, c) => {
    const cell = names.find((name) => name === c.name) ?? "lstm";
    const [D0, H0] = [
      { D, H },
      { D: H, H },
    ];
    const layers = [D0, H0].map((sizes, i) => new Bidirectional(backend(), cell, sizes, "all", i));
    const params = layers.flatMap((layer) => layer.params).map((p) => ({ ...p, name: p.name.replace("all.", "") }));
    expect(params.map(({ name }) => name).sort()).toEqual(Object.keys(c.params).sort());
    setParamsByName(params, c.params);
    const lengths = lengthsOf(backend(), c.lengths);

    let hs = tensorOf(backend(), recorded(c.inputs, "xs"));
    for (const layer of layers) hs = layer.forward(hs, { lengths });
    expectClose("hs", hs.data, c.outputs["hs"]?.data, { absolute: 5e-7 });
    const ofLayer = (all: Recorded | undefined, i: number) => all?.data.slice(i * N * H, (i + 1) * N * H);
    for (const [i, { last }] of layers.entries()) {
      expectClose(`last h of layer ${i}`, last?.h.data, ofLayer(c.outputs["hn"], i), { absolute: 5e-7 });
      if (cell === "lstm")
        expectClose(`last c of layer ${i}`, last?.c?.data, ofLayer(c.outputs["cn"], i), { absolute: 5e-7 });
    }

    let dhs: Tensor | undefined = tensorOf(backend(), recorded(c.inputs, "dhs"));
    for (const [i, layer] of [...layers.entries()].reverse()) {
      const [h, cLast] = ["dhn", "dcn"].map((name) => {
        const data = ofLayer(c.inputs[name], i);
        return data && tensorOf(backend(), { shape: [N, H], data });
      });
      dhs = layer.backward(dhs, h && { h, c: cLast });
    }
    expectClose("xs", dhs?.data, c.gradients["xs"]?.data, { absolute: 1e-6 });
    for (const { name, grad } of params) expectClose(name, grad.data, c.gradients[name]?.data, { absolute: 2e-6 });
  });

  describe.each(names)("%s", (cell) => {
    test("the halves are a forward and a reverse layer", () => {
      const { layer, xs, lengths } = make(backend(), cell);
      const both = layer.forward(xs, { lengths }).data.slice();
      for (const reverse of [false, true]) {
        const way = new cells[cell](backend(), { D, H: H / 2, reverse }, "encoder", reverse ? "0_reverse" : 0);
        for (const { name, value } of way.params)
          value.data.set(layer.params.find((param) => param.name === name)?.value.data ?? []);
        const hs = way.forward(xs, { lengths }).data;
        const [from, to] = reverse ? [H / 2, H] : [0, H / 2];
        expectSameBits("hs", columns(both, from, to), [...hs]);
        expectSameBits("last h", columns(layer.last?.h.data, from, to), [...(way.last?.h.data ?? [])]);
        expect(layer.last?.c === undefined).toBe(cell !== "lstm");
        if (way.last?.c) expectSameBits("last c", columns(layer.last?.c?.data, from, to), [...way.last.c.data]);
      }
    });

    test("padding is 0, and has no gradient", () => {
      const { layer, xs, dhs, dlast, lengths } = make(backend(), cell);
      const hs = layer.forward(xs, { lengths }).data.slice();
      const dxs = layer.backward(dhs, dlast)?.data ?? new Float32Array();
      LENGTHS.forEach((length, n) => {
        expect(hs.subarray((n * S + length) * H, (n + 1) * S * H).every((h) => h === 0)).toBe(true);
        expect(dxs.subarray((n * S + length) * D, (n + 1) * S * D).every((d) => d === 0)).toBe(true);
      });
      expect(dxs.filter((d) => d !== 0)).toHaveLength(D * LENGTHS.reduce((sum, length) => sum + length));
    });

    test("a row alone gives the same bits as in a batch", () => {
      const { layer, xs, lengths } = make(backend(), cell);
      const hs = layer.forward(xs, { lengths }).data.slice();
      const last = layer.last?.h.data.slice();
      for (const [n, length] of LENGTHS.entries()) {
        const own = backend().arena.tensor([1, length, D]);
        own.data.set(xs.data.subarray(n * S * D, (n * S + length) * D));
        expectSameBits("hs", layer.forward(own).data, hs.slice(n * S * H, (n * S + length) * H));
        expectSameBits("last", layer.last?.h.data, last?.slice(n * H, (n + 1) * H));
      }
    });

    test("ids with a table give the same as their embeddings, and the gradient goes to the table", () => {
      const { layer, dhs, dlast, lengths } = make(backend(), cell);
      const desk = new Desk(backend(), 5);
      const embedding = new Embedding(backend(), { V: 7, D });
      fill(desk, embedding.params[0].value);
      const ids = desk.below([N, S], 7);
      const run = (input: "vectors" | "table") => {
        for (const { grad } of [...layer.params, ...embedding.params]) grad.data.fill(0);
        const hs = layer.forward(input === "table" ? embedding.sequence(ids) : embedding.forward(ids), { lengths });
        const copy = hs.data.slice();
        const dxs = layer.backward(dhs, dlast);
        expect(dxs === undefined).toBe(input === "table");
        if (dxs) embedding.backward(dxs);
        return { hs: copy, grads: [...layer.params, ...embedding.params].map(({ grad }) => grad.data.slice()) };
      };
      const [vectors, table] = [run("vectors"), run("table")];
      expectSameBits("hs", table.hs, vectors.hs);
      vectors.grads.forEach((grad, i) => {
        expectClose(`gradient ${i}`, table.grads[i], grad, { absolute: 2e-6, relative: 1e-6 });
      });
    });

    test("gradients of parameters are added, not overwritten; those of the input are set", () => {
      const { layer, xs, dhs, dlast, lengths } = make(backend(), cell);
      const run = () => {
        layer.forward(xs, { lengths });
        const dxs = layer.backward(dhs, dlast)?.data.slice();
        return { dxs, grads: layer.params.map(({ grad }) => grad.data.slice()) };
      };
      const [first, second] = [run(), run()];
      expectSameBits("dxs", second.dxs, first.dxs);
      first.grads.forEach((grad, i) => {
        const doubled = grad.map((d) => 2 * d);
        expectClose(`gradient ${i}`, second.grads[i], doubled, { absolute: 2e-6, relative: 1e-6 });
      });
    });
  });
});

describe("on the reference", () => {
  test.each(names)("gradients are those of central differences: %s", (cell) => {
    const { layer, xs, dhs, dlast, lengths } = make(openReference(), cell);
    const loss = (): number => {
      const hs = layer.forward(xs, { lengths });
      const { h, c }: Partial<RecurrentState> = layer.last ?? {};
      return dot(hs, dhs) + (h ? dot(h, dlast.h) : Number.NaN) + (c && dlast.c ? dot(c, dlast.c) : 0);
    };
    loss();
    const dxs = layer.backward(dhs, dlast)?.data.slice();
    for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
    expectSlopes("xs", loss, xs, dxs);
  });
});

describe("errors", () => {
  const backend = openReference();
  const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);

  test("name the expected and the actual value", () => {
    const refuse = (message: string, run: () => unknown): void => expectError(ShapeError, run, message);
    refuse("Bidirectional: H: expected an even number, got 7.", () => {
      new Bidirectional(backend, "lstm", { D, H: 7 }, "encoder");
    });
    const { layer, lengths } = make(backend, "lstm");
    expect(() => layer.backward(zeros(N, S, H))).toThrow("LSTM.backward: expected one forward pass before each");
    refuse("LSTM.forward: xs: expected shape (N, T, 6), got (3, 5, 8).", () => layer.forward(zeros(N, S, H)));
    refuse("LSTM.forward: lengths: expected shape (2), got (3).", () => layer.forward(zeros(2, S, D), { lengths }));
    layer.forward(zeros(N, S, D));
    refuse("Bidirectional.backward: dhs: expected shape (8), got (4).", () => layer.backward(zeros(N, S, H / 2)));
    layer.forward(zeros(N, S, D));
    const wrong = { h: zeros(N, H / 2) };
    refuse("Bidirectional.backward: dh: expected shape (8), got (4).", () => layer.backward(zeros(N, S, H), wrong));
  });
});
