import { expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { Output } from "../../src/layers/output.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { fill, fillParams } from "../helpers/differences.js";

const [N, T, D, C, V] = [5, 3, 7, 2, 11];

/** The loss, the losses and all gradients, with logits of at most `largest` bytes at a time. */
function run(backend: Backend, largest: number) {
  const desk = new Desk(backend, 1);
  const output = new Output(backend, { D, V, C }, { largest });
  fillParams(desk, output.params);
  const xs = fill(desk, backend.arena.tensor([N, T, D]));
  const context = fill(desk, backend.arena.tensor([N, C]));
  const input = { xs, context, targets: desk.below([N, T], V) };
  const loss = output.forward(input);
  const dxs = output.backward().data.slice();
  const [dweight, dbias] = output.params.map(({ grad }) => grad.data.slice());
  return {
    loss,
    dxs,
    dContext: output.dContext?.data.slice(),
    dweight,
    dbias,
    losses: output.losses(input).data.slice(),
  };
}

describeBackends((backend, { name }) => {
  test.each([
    ["two sequences at a time", 2 * 4 * T * V],
    ["one at a time", 4 * T * V],
    ["one at a time, though it is too large", 1],
  ])("computed in parts, the loss and its gradient are the same: %s", (_, largest) => {
    const [whole, parts] = [run(backend(), 2 ** 20), run(backend(), largest)];
    expect(Math.abs(parts.loss - whole.loss)).toBeLessThan(1e-12);
    for (const result of ["losses", "dxs", "dContext", "dweight", "dbias"] as const) {
      if (name === "reference" && result.startsWith("d")) continue; // its sums are rounded once for each part
      expectSameBits(result, parts[result], whole[result] ?? new Float32Array());
    }
  });

  test("the loss is the mean of the losses", () => {
    const { loss, losses } = run(backend(), 2 ** 20);
    expect(loss).toBeCloseTo(losses.reduce((sum, x) => sum + x, 0) / losses.length, 12);
  });

  test("backward without forward says so", () => {
    const output = new Output(backend(), { D, V });
    expect(() => output.backward()).toThrow("Output.backward: expected one forward pass before each backward pass.");
  });
});
