import { expect, test } from "vitest";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { TokenHead } from "../../../src/engine/layers/token-head.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectClose, expectSameBits } from "../../helpers/close.js";
import { Desk } from "../../helpers/desk.js";
import { fill, fillParams } from "../../helpers/differences.js";

const [N, T, D, C, V] = [5, 3, 7, 2, 11];

/** The loss, the losses and all gradients, with logits of at most `maxLogitBytes` bytes at a time. */
function run(backend: Backend, maxLogitBytes: number, { labelSmoothing = 0, isRagged = false } = {}) {
  const desk = new Desk(backend, 1);
  const head = new TokenHead(backend, { D, V, C }, { maxLogitBytes, labelSmoothing });
  fillParams(desk, head.params);
  const xs = fill(desk, backend.arena.tensor([N, T, D]));
  const context = fill(desk, backend.arena.tensor([N, C]));
  const counted = Array.from({ length: N * T }, (_, i) => Number(i % T <= i % N)); // rows of 1 to T steps
  const weights = isRagged ? desk.tensor([N, T], counted) : undefined;
  const input = { xs, context, targets: desk.below([N, T], V), weights };
  const loss = head.forward(input);
  const dxs = head.backward().data.slice();
  const [dweight, dbias] = head.params.map(({ grad }) => grad.data.slice());
  return {
    loss,
    dxs,
    dContext: head.dContext?.data.slice(),
    dweight,
    dbias,
    losses: head.losses(input).data.slice(),
  };
}

describeBackends((backend, { name }) => {
  test.each([
    ["two sequences at a time", 2 * 4 * T * V],
    ["one at a time", 4 * T * V],
    ["one at a time, though it is too large", 1],
  ])("computed in parts, the loss and its gradient are the same: %s", (_, maxLogitBytes) => {
    const [whole, parts] = [run(backend(), 2 ** 20), run(backend(), maxLogitBytes)];
    expect(Math.abs(parts.loss - whole.loss)).toBeLessThan(1e-12);
    for (const result of ["losses", "dxs", "dContext", "dweight", "dbias"] as const) {
      if (name === "reference" && result.startsWith("d")) continue; // its sums are rounded once for each part
      expectSameBits(result, parts[result], whole[result] ?? new Float32Array());
    }
  });

  test("computed in parts, it is the same with labels smoothed and positions left out", () => {
    const given = { labelSmoothing: 0.1, isRagged: true };
    const [whole, parts] = [run(backend(), 2 ** 20, given), run(backend(), 4 * T * V, given)];
    expect(Math.abs(parts.loss - whole.loss)).toBeLessThan(1e-12);
    expectSameBits("losses", parts.losses, whole.losses);
    for (const result of ["dxs", "dContext", "dweight", "dbias"] as const)
      expectClose(result, parts[result], whole[result], { absolute: 1e-7, relative: 1e-6 });
    expect(whole.loss).not.toBeCloseTo(run(backend(), 2 ** 20, { isRagged: true }).loss, 3);
    expect(whole.loss).not.toBeCloseTo(run(backend(), 2 ** 20, { labelSmoothing: 0.1 }).loss, 3);
  });

  test("the loss is the mean of the losses", () => {
    const { loss, losses } = run(backend(), 2 ** 20);
    expect(loss).toBeCloseTo(losses.reduce((sum, x) => sum + x, 0) / losses.length, 12);
  });

  test("backward without forward is an error", () => {
    const head = new TokenHead(backend(), { D, V });
    expect(() => head.backward()).toThrow(
      "TokenHead.backward: expected one forward pass before each backward pass, got none.",
    );
  });
});
