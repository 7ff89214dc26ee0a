import { expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { openReference } from "../../../src/engine/backend/reference.js";
import { Dropout, type Phase } from "../../../src/engine/layers/dropout.js";
import { philox } from "../../../src/engine/random.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { dot, expectSlopes, fill } from "../../helpers/differences.js";

const shape = [2, 3, 5];
const mask = { rate: 0.25, seed: 1, stream: 2 };

function make(backend: Backend, phase: Partial<Phase> = {}, change: Partial<typeof mask> = {}) {
  const desk = new Desk(backend, 1);
  const layer = new Dropout(backend, { training: true, step: 1, done: 0, ...phase }, { ...mask, ...change });
  return { layer, xs: fill(desk, backend.arena.tensor(shape)), dys: fill(desk, backend.arena.tensor(shape)) };
}

describeBackends((backend) => {
  // The words are those of Random123's Philox, whose published answers test/engine/random.test.ts holds; 0.25 = 2³⁰/2³².
  test("drops the elements whose word of Philox lies below the rate, and divides the rest by 1 − rate", () => {
    const { layer, xs } = make(backend());
    const ys = layer.forward(xs).data;
    const words = Array.from({ length: 30 }, (_, i) => philox([Math.floor(i / 4), 1, 0, 0], 1, 2)[i % 4] ?? 0);
    const expected = xs.data.map((x, i) => ((words[i] ?? 0) < 2 ** 30 ? 0 : x * Math.fround(1 / 0.75)));
    expectSameBits("zeros", ys.map(Math.sign).map(Math.abs), expected.map(Math.sign).map(Math.abs));
    expectClose("ys", ys, expected, { relative: 2 ** -22 }); // the factor and the product are rounded
  });

  test("returns its input in evaluation, or with a rate of 0", () => {
    const { layer, xs, dys } = make(backend(), { training: false });
    expect(layer.forward(xs)).toBe(xs);
    expect(layer.backward(dys)).toBe(dys);
    expect(make(backend(), {}, { rate: 0 }).layer.forward(xs)).toBe(xs);
  });

  test("the mask is the same within a step, and another in the next", () => {
    const phase: Phase = { training: true, step: 1, done: 0 };
    const layer = new Dropout(backend(), phase, mask);
    const ones = backend().arena.tensor([4, 5, 6]);
    ones.data.fill(1);
    const masks = [1, 1, 2].map((step) => {
      phase.step = step;
      return [...layer.forward(ones).data];
    });
    expect(masks[1]).toEqual(masks[0]);
    expect(masks[2]).not.toEqual(masks[0]);
  });

  test("backward drops what forward dropped, and leaves the output alone", () => {
    const { layer, xs, dys } = make(backend());
    const ys = layer.forward(xs);
    const before = ys.data.slice();
    const dxs = layer.backward(dys);
    expectSameBits("ys", ys.data, before);
    const dropped = (values: Float32Array, from: Float32Array) => [...values].map((x, i) => x === 0 && from[i] !== 0);
    expect(dropped(dxs.data, dys.data)).toEqual(dropped(ys.data, xs.data));
    expect(dxs.data.some((d) => d === 0)).toBe(true);
  });
});

test("the gradient is that of central differences", () => {
  const { layer, xs, dys } = make(openReference());
  const loss = (): number => dot(layer.forward(xs), dys);
  loss();
  expectSlopes("xs", loss, xs, layer.backward(dys).data.slice());
});
