import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { cells } from "../../src/engine/layers/cells.js";
import type { Recurrent, RecurrentOptions } from "../../src/engine/layers/recurrent.js";
import type { Tensor } from "../../src/engine/tensor.js";
import { describeBackends } from "./backends.js";
import { expectClose, expectSameBits } from "./close.js";
import { Desk } from "./desk.js";
import { dot, expectSlopes, fill } from "./differences.js";
import { intsOf, readRecurrent, setParams, tensorOf } from "./fixtures.js";

const [N, T, D, H, C, V] = [2, 3, 5, 7, 4, 6];

/** What must hold for every recurrent layer without a cell state. */
export function describeRecurrentLayer(cell: "gru" | "rnn"): void {
  const kind = cell.toUpperCase();

  /** A layer with drawn parameters, and a way to draw more. */
  const make = (backend: Backend, options: Partial<RecurrentOptions> = {}) => {
    const desk = new Desk(backend, 1);
    const layer: Recurrent = new cells[cell](backend, { D, H, ...options });
    for (const { value } of layer.params) fill(desk, value, 0.5); // larger ones bend the loss too much for differences
    return { desk, layer, tensor: (...shape: number[]): Tensor => fill(desk, backend.arena.tensor(shape)) };
  };
  const zeros = (backend: Backend, ...shape: number[]): Tensor => backend.arena.tensor(shape);
  const makeTable = (value: Tensor, { arena }: Backend) => ({ name: "table", value, grad: arena.tensor(value.shape) });

  describeBackends((backend) => {
    // By test/fixtures/pytorch.py: every row computed alone on its own steps, in float64. Numbers of order one after three
    // steps of K = D + H = 12 products each, and gradients that sum six or nine of them.
    test.each(readRecurrent(cell).map((c) => [c.name, c] as const))(
      "gives PyTorch's states and gradients: %s",
      (_, c) => {
        const { inputs, outputs, gradients } = c;
        const given = (name: string): Tensor => tensorOf(backend(), inputs[name] ?? { shape: [], data: [] });
        const layer: Recurrent = new cells[cell](backend(), { D: c.D, H: c.H, reverse: c.reverse });
        setParams(
          layer.params,
          layer.params.map(({ name }) => inputs[recordedName(name)] ?? undefined),
        );
        if (inputs["h0"]) layer.state = { h: given("h0") };
        const lengths = c.lengths ? intsOf(backend(), { shape: [c.N], data: c.lengths }) : undefined;

        const hs = layer.forward(given("xs"), { lengths });
        expectClose("hs", hs.data, outputs["hs"]?.data, { absolute: 1e-6 });
        expectClose("hn", layer.last?.h.data, outputs["hn"]?.data, { absolute: 1e-6 });
        expect(layer.last).not.toHaveProperty("c");

        const dxs = layer.backward(given("dhs"), { h: given("dhn") });
        expectClose("dxs", dxs?.data, gradients["xs"]?.data, { absolute: 4e-6 });
        if (inputs["h0"]) expectClose("dh0", layer.dState?.h.data, gradients["h0"]?.data, { absolute: 4e-6 });
        else expect(layer.dState).toBeUndefined();
        for (const { name, grad } of layer.params)
          expectClose(name, grad.data, gradients[recordedName(name)]?.data, { absolute: 4e-6 });
      },
    );

    test("T = 12 in one call gives the bits of three stateful calls of T = 4, and their gradients", () => {
      const { layer: whole, tensor } = make(backend());
      const [xs, dhs] = [tensor(N, 12, D), tensor(N, 12, H)];
      const [hs, dxs] = [whole.forward(xs), whole.backward(dhs)];

      // The layer keeps what the last call needs: one object for each window.
      const windows = [0, 1, 2].map(() => make(backend(), { stateful: true }).layer);
      let state: Recurrent["state"];
      windows.forEach((window, i) => {
        window.state = state;
        const of = window.forward(steps(backend(), xs, i));
        expectSameBits(`hs of call ${i}`, of.data, steps(backend(), hs, i).data);
        state = window.state;
      });
      expectSameBits("hn", state?.h.data, whole.last?.h.data);

      let after: Recurrent["dState"];
      for (const i of [2, 1, 0]) {
        const window = windows[i];
        const dx = window?.backward(steps(backend(), dhs, i), after);
        expectClose(`dxs of call ${i}`, dx?.data, steps(backend(), dxs ?? xs, i).data, { absolute: 1e-6 });
        after = window?.dState;
      }
      whole.params.forEach(({ name, grad }, p) => {
        const grads = windows.map(({ params }) => params[p]?.grad.data);
        const sums = [...grad.data].map((_, k) => grads.reduce((sum, d) => sum + (d?.[k] ?? Number.NaN), 0));
        expectClose(name, grad.data, sums, { absolute: 1e-5 });
      });
    });

    test("a stateful layer goes on in one object, and starts anew where its state is taken away", () => {
      const { layer, tensor } = make(backend(), { stateful: true });
      const xs = tensor(N, 12, D);
      const runs = [0, 1].map(() => {
        layer.state = undefined;
        return [0, 1, 2].map((i) => layer.forward(steps(backend(), xs, i)).data.slice());
      });
      expect(runs[1]).toEqual(runs[0]);
      layer.state = undefined;
      const whole = layer.forward(xs);
      expect([0, 1, 2].map((i) => steps(backend(), whole, i).data)).toEqual(runs[0]);
    });

    test("the state that a stateful call starts from lives until its backward pass", () => {
      const { layer, tensor } = make(backend(), { stateful: true });
      const [before, xs, dhs] = [tensor(N, T, D), tensor(N, T, D), tensor(N, T, H)];
      layer.forward(before);
      const h = tensorOf(backend(), { shape: [N, H], data: [...(layer.state?.h.data ?? [])] });
      layer.forward(xs);
      layer.backward(dhs);

      const { layer: other } = make(backend());
      other.state = { h };
      other.forward(xs);
      other.backward(dhs);
      for (const [i, { name, grad }] of layer.params.entries())
        expectSameBits(name, grad.data, other.params[i]?.grad.data);
    });

    test("a row does not notice the batch around it, nor how far it is padded", () => {
      const { layer, tensor } = make(backend(), { reverse: true });
      const row = tensor(1, T, D);
      const alone = layer.forward(row).data.slice();
      const batch = tensor(6, 2 * T, D);
      batch.data.set(row.data, 3 * 2 * T * D);
      const hs = layer.forward(batch, { lengths: intsOf(backend(), { shape: [6], data: [6, 1, 2, T, 5, 4] }) });
      expectSameBits("hs", hs.data.slice(3 * 2 * T * H, (3 * 2 + 1) * T * H), alone);
      expectSameBits("hn", layer.last?.h.data.slice(3 * H, 4 * H), alone.slice(0, H));
    });

    test("ids and their table give the bits of the frames, and their gradients", () => {
      const { desk, layer, tensor } = make(backend());
      const [ids, table, dhs] = [desk.below([N, T], V), makeTable(tensor(V, D), backend()), tensor(N, T, H)];
      const frames = zeros(backend(), N, T, D);
      for (const [i, id] of ids.data.entries()) frames.data.set(table.value.data.subarray(id * D, (id + 1) * D), i * D);
      const ofFrames = layer.forward(frames).data.slice();
      const dxs = layer.backward(dhs)?.data;
      const sums = new Float64Array(V * D);
      for (const [i, id] of ids.data.entries())
        for (let d = 0; d < D; d++) sums[id * D + d] = (sums[id * D + d] ?? 0) + (dxs?.[i * D + d] ?? Number.NaN);
      const grads = layer.params.map(({ grad }) => grad.data.slice());

      for (const { grad } of layer.params) grad.data.fill(0);
      expectSameBits("hs", layer.forward({ ids, table }).data, ofFrames);
      expect(layer.backward(dhs)).toBeUndefined();
      expectClose("table", table.grad.data, sums, { absolute: 2e-6 });
      for (const [i, { name, grad }] of layer.params.entries())
        expectClose(name, grad.data, grads[i], { absolute: 2e-6 });
    });
  });

  describe("gradients are those of central differences", () => {
    const backend = openReference();
    test.each([
      ["frames, from a state", {}],
      ["frames, reversed and ragged, with a context", { reverse: true, C }],
      ["ids and their table, with a context", { C }],
    ])("%s", (name, options) => {
      const { desk, layer, tensor } = make(backend, options);
      const lookup = { ids: desk.below([N, T], V), table: makeTable(tensor(V, D), backend) };
      const frames = tensor(N, T, D);
      const input = name.startsWith("ids") ? lookup : frames;
      const context = "C" in options ? tensor(N, C) : undefined;
      const lengths = name.includes("ragged") ? intsOf(backend, { shape: [N], data: [3, 2] }) : undefined;
      const [state, dhs, dLast] = [{ h: tensor(N, H) }, tensor(N, T, H), { h: tensor(N, H) }];

      const loss = (): number => {
        layer.state = state;
        const hs = layer.forward(input, { context, lengths });
        return dot(hs, dhs) + (layer.last ? dot(layer.last.h, dLast.h) : Number.NaN);
      };
      loss();
      const dxs = layer.backward(dhs, dLast)?.data.slice();
      const [dh0, dcontext] = [layer.dState?.h, layer.dContext].map((gradient) => gradient?.data.slice());

      for (const { name: param, value, grad } of layer.params) expectSlopes(param, loss, value, grad.data);
      expectSlopes("h0", loss, state.h, dh0);
      if (context) expectSlopes("context", loss, context, dcontext);
      else expect(dcontext).toBeUndefined();
      if (input === frames) expectSlopes("xs", loss, frames, dxs);
      else expectSlopes("table", loss, lookup.table.value, lookup.table.grad.data);
    });

    test("of the last state alone, and twice as much after a second run", () => {
      const { layer, tensor } = make(backend);
      const [xs, dLast] = [tensor(N, T, D), tensor(N, H)];
      const loss = (): number => {
        layer.forward(xs);
        return layer.last ? 2 * dot(layer.last.h, dLast) : Number.NaN;
      };
      for (let i = 0; i < 2; i++) {
        layer.forward(xs);
        layer.backward(undefined, { h: dLast });
      }
      for (const { name, value, grad } of layer.params) expectSlopes(name, loss, value, grad.data);
      expect(layer.dState).toBeUndefined();
    });
  });

  describe("errors name what was expected and what came", () => {
    const backend = openReference();

    test("sizes", () => {
      const { layer } = make(backend, { C });
      const ids = backend.arena.ints([N, T]);
      const [xs, context] = [zeros(backend, N, T, D), zeros(backend, N, C)];
      const at = `${kind}.forward: `;
      expect(() => layer.forward(zeros(backend, N, T, 6))).toThrow(`${at}xs: expected shape (N, T, 5), got (2, 3, 6).`);
      expect(() =>
        layer.forward({ ids: backend.arena.ints([6]), table: makeTable(zeros(backend, V, D), backend) }),
      ).toThrow(`${at}ids: expected shape (N, T), got (6).`);
      expect(() => layer.forward({ ids, table: makeTable(zeros(backend, V, 6), backend) })).toThrow(
        `${at}table: expected shape (V, 5), got (6, 6).`,
      );
      expect(() => layer.forward(xs)).toThrow(`${at}context: expected shape (2, 4), got ().`);
      const lengths = backend.arena.ints([3]);
      expect(() => layer.forward(xs, { context, lengths })).toThrow(`${at}lengths: expected shape (2), got (3).`);
      layer.state = { h: zeros(backend, 3, H) };
      expect(() => layer.forward(xs, { context })).toThrow(`${at}state.h: expected shape (2, 7), got (3, 7).`);
    });

    test("a cell state, which only an LSTM has", () => {
      const { layer } = make(backend);
      const state = { h: zeros(backend, N, H), c: zeros(backend, N, H) };
      layer.state = state;
      const xs = zeros(backend, N, T, D);
      expect(() => layer.forward(xs)).toThrow(`${kind}.forward: state.c: expected none, got (2, 7).`);
      layer.state = undefined;
      layer.forward(xs);
      expect(() => layer.backward(undefined, state)).toThrow(`${kind}.backward: dLast.c: expected none, got (2, 7).`);
    });

    test("lengths and ids out of their range", () => {
      const { layer } = make(backend);
      const lengths = intsOf(backend, { shape: [N], data: [3, 0] });
      expect(() => layer.forward(zeros(backend, N, T, D), { lengths })).toThrow(
        `${kind}.forward: lengths: expected numbers from 1 to 3, got 0.`,
      );
      const ids = intsOf(backend, { shape: [N, T], data: [0, 1, 2, 3, 4, 6] });
      expect(() => layer.forward({ ids, table: makeTable(zeros(backend, V, D), backend) })).toThrow(
        `${kind}.forward: ids: expected numbers from 0 to 5, got 6.`,
      );
    });

    test("the gradients that backward is given, once for each forward", () => {
      const { layer } = make(backend);
      const message = `${kind}.backward: expected one forward pass before each backward pass, got none.`;
      expect(() => layer.backward(undefined)).toThrow(message);
      layer.forward(zeros(backend, N, T, D));
      expect(() => layer.backward(zeros(backend, N, T, D))).toThrow(
        `${kind}.backward: dhs: expected shape (2, 3, 7), got (2, 3, 5).`,
      );
      expect(() => layer.backward(undefined, { h: zeros(backend, H, N) })).toThrow(
        `${kind}.backward: dLast.h: expected shape (2, 7), got (7, 2).`,
      );
      layer.backward(undefined);
      expect(() => layer.backward(undefined)).toThrow(message);
    });
  });
}

/** `gru.bias_ih_l0` is recorded as `biasIh`. */
function recordedName(name: string): string {
  return name.replace(/^\w+\.|_l\d+$/g, "").replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Steps 4·i to 4·i + 3 of a sequence (N, 12, width). */
function steps({ arena }: Backend, xs: Tensor, i: number): Tensor {
  const width = xs.shape[2] ?? 0;
  const part = arena.tensor([N, 4, width]);
  for (let n = 0; n < N; n++) {
    const from = (n * 12 + 4 * i) * width;
    part.data.set(xs.data.subarray(from, from + 4 * width), n * 4 * width);
  }
  return part;
}
