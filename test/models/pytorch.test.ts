import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import type { Ints } from "../../src/engine/tensor.js";
import { Captioner } from "../../src/models/captioner.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose } from "../helpers/close.js";
import {
  intsOf,
  lengthsOf,
  type PairCase,
  readCaptioners,
  readPairs,
  setParamsByName,
  tensorOf,
} from "../helpers/fixtures.js";

/** The model of a recorded case with its parameters, its batch, and the decoder's inputs step by step. */
function make(backend: Backend, c: PairCase) {
  const { config, smoothing: labelSmoothing } = c;
  const isCaptioner = config.kind === "captioner";
  const model = isCaptioner
    ? new Captioner(backend, config, { labelSmoothing })
    : new Seq2Seq(backend, config, { labelSmoothing });
  expect(model.params.map(({ name }) => name).sort()).toEqual(Object.keys(c.params).sort());
  setParamsByName(model.params, c.params);
  const [N = 0, width = 0] = c.target.shape;
  const inputs = Array.from({ length: width - 1 }, (_, t): Ints => {
    const data = Array.from({ length: N }, (_row, n) => c.target.data[n * width + t] ?? -1);
    return intsOf(backend, { shape: [N, 1], data });
  });
  const batch = {
    source: (isCaptioner ? tensorOf : intsOf)(backend, c.source),
    sourceLengths: c.sourceLengths && lengthsOf(backend, c.sourceLengths),
    ...{ target: intsOf(backend, c.target), targetLengths: lengthsOf(backend, c.targetLengths) },
  };
  return { model, batch, inputs };
}

/** What stands in step t of every row. */
function stepOf(values: readonly number[], N: number, t: number): number[] {
  const width = values.length / N;
  const steps = 4;
  return Array.from({ length: N }, (_, n) =>
    values.slice(n * width + (t * width) / steps, n * width + ((t + 1) * width) / steps),
  ).flat();
}

describeBackends((backend) => {
  // seq2seq-attention.json, by test/fixtures/pytorch-attention.py, in float64: 3 pairs of lengths of their own, up to 5 + 4
  // steps of one or two layers. Logits of order one, gradients below it, which sum up 9 tokens. A few times what was
  // seen on any backend. captioner.json, by test/fixtures/pytorch-pictures.py: 3 pictures, captions of 2 to 4 tokens.
  // Numbers of a picture are up to 3, and what convolutions make of them up to 10: so are the factors of gradients.
  describe.each([...readPairs(), ...readCaptioners()].map((c) => [c.name, c] as const))("PyTorch's %s", (_, c) => {
    test("loss and gradients", () => {
      const { model, batch } = make(backend(), c);
      expectClose("loss", [model.forward(batch)], [c.loss], { absolute: 4e-7 });
      model.backward();
      const absolute = c.config.kind === "captioner" ? 1e-6 : 2e-7;
      for (const { name, grad } of model.params) expectClose(name, grad.data, c.gradients[name]?.data, { absolute });
    });

    test("logits and attention, step by step", () => {
      const { model, batch, inputs } = make(backend(), c);
      model.start(model.encode(batch.source, batch.sourceLengths));
      for (const [t, ids] of inputs.entries()) {
        expectClose(`logits ${t}`, model.step(ids).data, stepOf(c.logits.data, 3, t), { absolute: 1e-6 });
        if (c.weights)
          expectClose(`weights ${t}`, model.attention?.data, stepOf(c.weights.data, 3, t), { absolute: 2e-7 });
        else expect(model.attention).toBeUndefined();
      }
    });
  });
});
