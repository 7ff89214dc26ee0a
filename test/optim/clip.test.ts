import { expect, test } from "vitest";
import type { Backend } from "../../src/backend/backend.js";
import { makeParam } from "../../src/layers/layer.js";
import { clipFactor, gradientNorm } from "../../src/optim/clip.js";
import { SGD } from "../../src/optim/optimizer.js";
import type { Param } from "../../src/tensor.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import { type Recorded, readOptim } from "../helpers/fixtures.js";

function paramsOf({ arena }: Backend, grads: readonly Recorded[]): Param[] {
  return grads.map(({ shape, data }, i) => {
    const param = makeParam(arena, `param ${i}`, shape);
    param.grad.data.set(data);
    return param;
  });
}

describeBackends((backend) => {
  // optim.json, by test/fixtures/pytorch.py: clip_grad_norm_, which divides by the norm plus 1e-6, too.
  test.each(readOptim().clip.map((c) => [c.name, c] as const))("clips as PyTorch: %s", (_, c) => {
    const params = paramsOf(backend(), c.grads);
    const norm = gradientNorm(backend(), params);
    expectClose("norm", [norm], [c.norm], { relative: 3e-7 }); // squares are added up in float32
    new SGD(backend(), params, 1).step(clipFactor(norm, c.maxNorm));
    params.forEach(({ name, value }, i) => {
      expectClose(
        name,
        value.data,
        c.clipped[i]?.data.map((d) => -d),
        { relative: 5e-7 },
      );
    });
  });

  test("a tied weight counts once", () => {
    const [weight, other] = paramsOf(backend(), [
      { shape: [2], data: [3, 4] },
      { shape: [1], data: [12] },
    ]);
    if (!weight || !other) throw new Error("expected two params");
    expect(gradientNorm(backend(), [weight, other, weight])).toBe(13);
  });
});

test("a norm at or below the limit is left alone", () => {
  expect(clipFactor(5, 5)).toBe(1);
  expect(clipFactor(0, 5)).toBe(1);
  expect(clipFactor(10, 5)).toBeCloseTo(0.5, 6);
});
