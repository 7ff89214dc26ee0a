import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { Random } from "../../src/engine/random.js";
import type { Captioner } from "../../src/models/captioner.js";
import type { PairBatch } from "../../src/models/sources.js";
import { captionBatch, captionerKinds, drawCaptioned, makeCaptioner } from "../helpers/caption-models.js";
import { expectSlopes } from "../helpers/differences.js";

const captioned = drawCaptioned(new Random(1), [5, 2, 4]);

function expectGradients(model: Captioner, batch: PairBatch): void {
  const loss = (): number => model.forward(batch);
  loss();
  model.backward();
  for (const { name, value, grad } of model.params) {
    const gradient = grad.data.slice();
    expect(
      gradient.some((d) => d !== 0),
      name,
    ).toBe(true);
    expectSlopes(name, loss, value, gradient);
  }
}

/**
 * A convolution whose output stays near the picture, a slope, so that no step of a difference changes which of four places
 * is the largest, or what a ReLU lets through. Those of random weights are compared with PyTorch's.
 */
function smooth(backend: Backend, model: Captioner): PairBatch {
  for (const { name, value } of model.params)
    if (name === "encoder.conv.0.weight") value.data.set(value.data.map((_, k) => (k % 9 === 4 ? 1 : 0)));
    else if (name === "encoder.conv.0.bias") value.data.fill(0.25);
  const pictures = captioned.pictures.map((_, n) =>
    Array.from(
      { length: 48 },
      (_number, i) => (2 * Math.floor(i / 12) + (Math.floor(i / 2) % 6)) / 12 + (n + (i % 2)) / 8,
    ),
  );
  return captionBatch(backend, { ...captioned, pictures });
}

describe("gradients are those of central differences", () => {
  test.each(captionerKinds)("of a grid from elsewhere, %s", (_, given) => {
    const backend = openReference();
    expectGradients(makeCaptioner(backend, { ...given, blocks: [] }, { scale: 0.5 }), captionBatch(backend, captioned));
  });

  test.each(captionerKinds.filter((_, i) => i % 3 === 1))(
    "with dropout of 0.5 whose masks stay, and labels smoothed, %s",
    (_, given) => {
      const backend = openReference();
      const options = { scale: 0.25, seed: 2, labelSmoothing: 0.2 };
      const model = makeCaptioner(backend, { ...given, blocks: [], dropout: 0.5 }, options);
      Object.assign(model.phase, { training: true, step: 3, done: 0.5 });
      expectGradients(model, captionBatch(backend, captioned));
    },
  );

  test.each(captionerKinds.filter((_, i) => i % 3 === 0))("through a convolution, %s", (_, given) => {
    const backend = openReference();
    const model = makeCaptioner(backend, given, { scale: 0.25 });
    expectGradients(model, smooth(backend, model));
  });
});
