import { describe, expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { keysOf } from "../../../src/engine/check-options.js";
import { ShapeError } from "../../../src/engine/errors.js";
import { Attention, makeAttentionMemory, type Scoring, scorings } from "../../../src/engine/layers/attention.js";
import type { AttentionMemory } from "../../../src/engine/layers/attention-memory.js";
import type { Param, Tensor } from "../../../src/engine/tensor.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";
import { expectError } from "../../helpers/errors.js";
import { lengthsOf, readAttention, recorded, setParamsByName, tensorOf } from "../../helpers/fixtures.js";

const [N, S, T, H] = [3, 5, 4, 8];
const LENGTHS = [5, 2, 4];
const names = keysOf(scorings);

/** An attention and its memory, with weights of order 1/2; queries, values, and the gradient of the contexts. */
function make(backend: Backend, scoring: Scoring) {
  const desk = new Desk(backend, 3);
  const [memory, layer] = [makeAttentionMemory(backend, scoring, H), new Attention(backend, scoring, H)];
  const params: readonly Param[] = [...memory.params, ...layer.params];
  for (const { value } of params) fill(desk, value, 0.5);
  const draw = (...shape: number[]): Tensor => fill(desk, backend.arena.tensor(shape));
  return {
    ...{ memory, layer, params, lengths: lengthsOf(backend, LENGTHS) },
    ...{ queries: draw(N, T, H), values: draw(N, S, H), dcontexts: draw(N, T, H) },
  };
}

/** Row n alone. */
function alone(backend: Backend, tensor: Tensor, n: number): Tensor {
  const row = tensor.rows(n, n + 1);
  return tensorOf(backend, { shape: row.shape.slice(), data: [...row.data] });
}

describeBackends((backend) => {
  // attention.json, by test/fixtures/pytorch-attention.py, in float64. Scores are sums of 8 products of order one, so that
  // a softmax is off by a few 2⁻²⁴ of itself; the gradients of weights, of order ten, sum up 12 or 15 products. A few times
  // what was seen on any backend.
  test.each(readAttention().map((c) => [c.name, c] as const))("gives PyTorch's numbers, with lengths: %s", (_, c) => {
    const scoring = names.find((name) => name === c.name) ?? "dot";
    const [memory, layer] = [makeAttentionMemory(backend(), scoring, H), new Attention(backend(), scoring, H)];
    const params = [...memory.params, ...layer.params];
    const short = (name: string): string => name.replace("attention.", "");
    expect(params.map(({ name }) => short(name)).sort()).toEqual(Object.keys(c.params).sort());
    setParamsByName(
      params.map((param) => ({ ...param, name: short(param.name) })),
      c.params,
    );
    memory.read(tensorOf(backend(), recorded(c.inputs, "values")), lengthsOf(backend(), c.lengths));
    const contexts = layer.forward(tensorOf(backend(), recorded(c.inputs, "queries")), memory);
    expectClose("contexts", contexts.data, c.outputs["contexts"]?.data, { absolute: 1e-6 });
    expectClose("weights", layer.weights?.data, c.outputs["weights"]?.data, { absolute: 3e-7 });
    const dqueries = layer.backward(tensorOf(backend(), recorded(c.inputs, "dcontexts")));
    expectClose("queries", dqueries.data, c.gradients["queries"]?.data, { absolute: 2e-6 });
    expectClose("values", memory.backward().data, c.gradients["values"]?.data, { absolute: 2e-6 });
    for (const { name, grad } of params)
      expectClose(name, grad.data, c.gradients[short(name)]?.data, { absolute: 5e-6 });
  });

  describe.each(names)("%s", (scoring) => {
    test("weights sum to 1 over each row's own positions, and are 0 in its padding", () => {
      const { memory, layer, queries, values, lengths } = make(backend(), scoring);
      memory.read(values, lengths);
      layer.forward(queries, memory);
      const weights = layer.weights?.data ?? new Float32Array();
      expect(weights).toHaveLength(N * T * S);
      for (let r = 0; r < N * T; r++) {
        const row = [...weights.subarray(r * S, (r + 1) * S)];
        const length = LENGTHS[Math.floor(r / T)] ?? S;
        expect(row.slice(length)).toEqual(new Array(S - length).fill(0));
        expect(Math.min(...row.slice(0, length))).toBeGreaterThan(0);
        expect(row.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
      }
    });

    test("padding changes no bit, and has no gradient", () => {
      const run = (padding: number) => {
        const { memory, layer, params, queries, values, lengths, dcontexts } = make(backend(), scoring);
        LENGTHS.forEach((length, n) => {
          values.data.fill(padding, (n * S + length) * H, (n + 1) * S * H);
        });
        memory.read(values, lengths);
        const contexts = layer.forward(queries, memory).data.slice();
        const dqueries = layer.backward(dcontexts).data.slice();
        const dvalues = memory.backward().data.slice();
        return { contexts, dqueries, dvalues, grads: params.map(({ grad }) => grad.data.slice()) };
      };
      const [zeros, large] = [run(0), run(1e6)];
      expectSameBits("contexts", large.contexts, zeros.contexts);
      expectSameBits("dqueries", large.dqueries, zeros.dqueries);
      expectSameBits("dvalues", large.dvalues, zeros.dvalues);
      zeros.grads.forEach((grad, i) => {
        expectSameBits(`gradient ${i}`, large.grads[i], grad);
      });
      LENGTHS.forEach((length, n) => {
        expect(large.dvalues.subarray((n * S + length) * H, (n + 1) * S * H).every((d) => d === 0)).toBe(true);
      });
    });

    test("a row alone gives the same bits as in a batch, and so does a step alone", () => {
      const { memory, layer, queries, values, lengths } = make(backend(), scoring);
      memory.read(values, lengths);
      const contexts = layer.forward(queries, memory).data.slice();
      const weights = layer.weights?.data.slice();
      for (let n = 0; n < N; n++) {
        const length = LENGTHS[n] ?? S;
        const own = backend().arena.tensor([1, length, H]);
        own.data.set(values.data.subarray(n * S * H, (n * S + length) * H));
        memory.read(own);
        for (let t = 0; t < T; t++) {
          const query = alone(backend(), queries.as([N * T, 1, H]), n * T + t);
          const at = n * T + t;
          expectSameBits(
            `context of step ${t}`,
            layer.forward(query, memory).data,
            contexts.slice(at * H, (at + 1) * H),
          );
          expectSameBits(`weights of step ${t}`, layer.weights?.data, weights?.slice(at * S, at * S + length));
        }
      }
    });

    test("gradients of parameters are added, not overwritten; those of queries and values are set", () => {
      const { memory, layer, params, queries, values, lengths, dcontexts } = make(backend(), scoring);
      const run = () => {
        memory.read(values, lengths);
        layer.forward(queries, memory);
        const dqueries = layer.backward(dcontexts).data.slice();
        return {
          dqueries,
          dvalues: memory.backward().data.slice(),
          grads: params.map(({ grad }) => grad.data.slice()),
        };
      };
      const [first, second] = [run(), run()];
      expectSameBits("dqueries", second.dqueries, first.dqueries);
      expectSameBits("dvalues", second.dvalues, first.dvalues);
      first.grads.forEach((grad, i) => {
        expect(grad.some((d) => d !== 0)).toBe(true);
        const doubled = grad.map((d) => 2 * d);
        expectClose(`gradient ${i}`, second.grads[i], doubled, { absolute: 2e-6, relative: 1e-6 });
      });
    });

    test("two attentions over one memory, with the same parameters, equal one with twice the queries", () => {
      const b = backend();
      const { memory, layer, params, queries, values, lengths, dcontexts } = make(b, scoring);
      memory.read(values, lengths);
      const contexts = layer.forward(queries, memory).data.slice();
      const dqueries = layer.backward(dcontexts).data.slice();
      const dvalues = memory.backward().data.slice();
      const grads = params.map(({ grad }) => grad.data.slice());
      for (const { grad } of params) grad.data.fill(0);

      const half = (tensor: Tensor, from: number): Tensor => {
        const part = b.arena.tensor([N, T / 2, H]);
        for (let n = 0; n < N; n++)
          part.data.set(tensor.data.subarray((n * T + from) * H, (n * T + from + T / 2) * H), (n * T * H) / 2);
        return part;
      };
      const layers = [layer, new Attention(b, scoring, H, "another", layer)];
      expect(layers[1]?.params).toEqual(layer.params);
      memory.read(values, lengths);
      const outputs = layers.map((each, i) => each.forward(half(queries, (i * T) / 2), memory).data.slice());
      const backs = layers.map((each, i) => each.backward(half(dcontexts, (i * T) / 2)).data.slice());
      for (let n = 0; n < N; n++)
        for (const i of [0, 1]) {
          const [at, to] = [(n * T + (i * T) / 2) * H, (n * T + (i * T) / 2 + T / 2) * H];
          const own = (list?: Float32Array) => list?.slice((n * T * H) / 2, ((n + 1) * T * H) / 2);
          expectSameBits("contexts", own(outputs[i]), contexts.slice(at, to));
          expectSameBits("dqueries", own(backs[i]), dqueries.slice(at, to));
        }
      // The same sums, rounded in between.
      expectClose("dvalues", memory.backward().data, dvalues, { absolute: 2e-6, relative: 1e-6 });
      params.forEach(({ name, grad }, i) => {
        expectClose(name, grad.data, grads[i], { absolute: 5e-6, relative: 1e-6 });
      });
    });
  });
});

describe("on the reference", () => {
  test.each(names)("gradients are those of central differences: %s", (scoring) => {
    const { memory, layer, params, queries, values, lengths, dcontexts } = make(openReference(), scoring);
    const loss = (): number => {
      memory.read(values, lengths);
      return dot(layer.forward(queries, memory), dcontexts);
    };
    loss();
    const dqueries = layer.backward(dcontexts).data.slice();
    const dvalues = memory.backward().data.slice();
    for (const { name, value, grad } of params) expectSlopes(name, loss, value, grad.data);
    expectSlopes("queries", loss, queries, dqueries);
    expectSlopes("values", loss, values, dvalues);
  });
});

describe("errors", () => {
  const backend = openReference();
  const zeros = (...shape: number[]): Tensor => backend.arena.tensor(shape);

  test("name the expected and the actual value", () => {
    const [memory, layer] = [makeAttentionMemory(backend, "general", H), new Attention(backend, "general", H)];
    expect(() => memory.values).toThrow("AttentionMemory: expected a call of read before it, got none.");
    expect(() => memory.keys).toThrow("AttentionMemory: expected a call of read before it, got none.");
    expect(() => layer.backward(zeros(N, T, H))).toThrow(
      "Attention.backward: expected one forward pass before each backward pass, got none.",
    );
    const refuse = (message: string, run: () => unknown): void => expectError(ShapeError, run, message);
    refuse("AttentionMemory.read: values: expected shape (N, S, 8), got (3, 5, 7).", () =>
      memory.read(zeros(N, S, H - 1)),
    );
    refuse("AttentionMemory.read: values: expected shape (N, S, 8), got (3, 8).", () => memory.read(zeros(N, H)));
    memory.read(zeros(N, S, H));
    const look = (queries: Tensor, at: AttentionMemory) => () => layer.forward(queries, at);
    const expected = "Attention.forward: queries: expected shape (3, T, 8), got";
    refuse(`${expected} (2, 4, 8).`, look(zeros(2, T, H), memory));
    refuse(`${expected} (3, 4, 7).`, look(zeros(N, T, H - 1), memory));
    refuse(`${expected} (3, 8).`, look(zeros(N, H), memory));
  });

  test("a second backward pass without another forward pass is refused", () => {
    const { memory, layer, queries, values, dcontexts } = make(backend, "dot");
    memory.read(values);
    layer.forward(queries, memory);
    layer.backward(dcontexts);
    expect(() => layer.backward(dcontexts)).toThrow(
      "Attention.backward: expected one forward pass before each backward pass, got none.",
    );
  });

  test.each([
    ["of another number", [5, 2], "AttentionMemory.read: lengths: expected shape (3), got (2)."],
    ["beyond the source", [5, 6, 2], "AttentionMemory.read: lengths: expected numbers from 1 to 5, got 6."],
    ["of nothing", [5, 0, 2], "AttentionMemory.read: lengths: expected numbers from 1 to 5, got 0."],
  ])("lengths %s are refused", (_, lengths, message) => {
    const { memory, values } = make(backend, "dot");
    expect(() => memory.read(values, lengthsOf(backend, lengths))).toThrow(message);
  });
});
