import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { Adam } from "../../src/engine/optim/optimizer.js";
import { LanguageModel, type LanguageModelConfig } from "../../src/models/language-model.js";
import { evaluateText } from "../../src/run/perplexity.js";
import { TextBatches } from "../../src/run/text-batches.js";
import { Trainer } from "../../src/run/trainer.js";
import { MemoryText } from "../../src/tasks/texts/text.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { expectSlopes, fillParams } from "../helpers/differences.js";
import { intsOf, readLanguageModel, setParams } from "../helpers/fixtures.js";

const config: LanguageModelConfig = {
  ...{
    kind: "language-model",
    cell: "lstm",
    layers: 2,
    vocabSize: 11,
    embeddingSize: 7,
    hiddenSize: 7,
    dropout: 0,
    tieWeights: "none",
  },
};

/** A model with random weights. */
function draw(backend: Backend, given: Partial<LanguageModelConfig> = {}): LanguageModel {
  const model = new LanguageModel(backend, { ...config, ...given }, 3);
  fillParams(new Desk(backend, 5), model.params);
  return model;
}

const text = new MemoryText(Int32Array.from({ length: 500 }, (_, i) => (i * i * 7 + (i >> 3)) % 11));

describeBackends((backend) => {
  // language-model.json, by test/fixtures/pytorch.py, in float64; tolerances as in seq2seq.test.ts.
  describe.each(readLanguageModel().map((c) => [c.name, c] as const))("PyTorch's %s model", (_, c) => {
    test("loss, logits, states and gradients of two windows, the second going on from the first", () => {
      const { V: vocabSize, D: embeddingSize, H: hiddenSize } = c;
      const tieWeights = c.tied ? ("output" as const) : ("none" as const);
      const model = new LanguageModel(backend(), { ...config, vocabSize, embeddingSize, hiddenSize, tieWeights });
      expect(model.params.map(({ name }) => name).sort()).toEqual(Object.keys(c.params).sort());
      setParams(
        model.params,
        model.params.map(({ name }) => c.params[name]),
      );
      for (const window of c.windows) {
        const batch = { inputs: intsOf(backend(), window.tokens), targets: intsOf(backend(), window.labels) };
        for (const { grad } of model.params) grad.data.fill(0);
        const before = model.keepState();
        expectClose("logits", model.logits(batch.inputs).data, window.logits.data, { absolute: 1e-6 });
        model.state = before;
        expectClose("loss", [model.forward(batch)], [window.loss], { absolute: 5e-7 });
        model.backward();
        for (const { name, grad } of model.params)
          expectClose(name, grad.data, window.gradients[name]?.data, { absolute: 3e-7 });
        const states = model.state ?? [];
        expectClose(
          "hn",
          states.flatMap(({ h }) => [...h.data]),
          window.hn.data,
          { absolute: 5e-7 },
        );
        expectClose(
          "cn",
          states.flatMap(({ c: cell }) => [...(cell?.data ?? [])]),
          window.cn.data,
          { absolute: 5e-7 },
        );
      }
    });
  });

  test.each(["lstm", "gru", "rnn"] as const)("token by token gives what one call gives: %s", (cell) => {
    const model = draw(backend(), { cell });
    const ids = [...text.read(0, 40)];
    const inputs = backend().arena.ints([1, 40]);
    inputs.data.set(ids);
    const all = model.logits(inputs).data.slice(39 * 11);
    model.state = undefined;
    let last = new Float32Array(0);
    for (const id of ids) last = new Float32Array(model.read([id]).data);
    expectSameBits("logits after 40 tokens", last, all);
  });

  test("at a temperature near zero the most probable token that is not skipped has all the probability", () => {
    const model = draw(backend());
    const logits = model.read([1, 2, 3]).data.slice();
    const order = [...logits.keys()].sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0));
    for (const skipped of [[], order.slice(0, 1), order.slice(0, 3)]) {
      model.state = undefined;
      const probabilities = model.probabilities([1, 2, 3], 1e-6, skipped);
      expect(probabilities[order[skipped.length] ?? 0]).toBe(1);
    }
  });

  test("evaluation leaves the state as it was, and counts every token once", () => {
    const model = draw(backend());
    model.read([1, 2, 3]);
    const before = model.state?.flatMap(({ h }) => [...h.data]);
    const exact = evaluateText(backend(), model, text, "exact");
    expect(model.state?.flatMap(({ h }) => [...h.data])).toEqual(before);
    expect(exact.count).toBe(499);
    expect(evaluateText(backend(), model, text, "book").count).toBe(350); // one window of 35 in each of 10 streams of 49
    model.state = undefined;
    let total = 0;
    for (let i = 0; i < 499; i++) {
      const logits = model.read([text.ids[i] ?? 0]).data;
      const most = Math.max(...logits);
      total +=
        most + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - most), 0)) - (logits[text.ids[i + 1] ?? 0] ?? 0);
    }
    expectClose("mean loss", [exact.loss], [total / 499], { relative: 1e-6 });
  });

  test("training with dropout twice gives the same bits, and takes no memory after the second step", async () => {
    const run = async (): Promise<Float32Array> => {
      const model = new LanguageModel(backend(), { ...config, dropout: 0.5, tieWeights: "output" }, 3).initialize(
        1,
        "uniform",
      );
      const trainer = new Trainer(backend(), model, new Adam(backend(), model.params, 0.01));
      const source = new TextBatches(backend(), text, { N: 4, T: 10 });
      let bytes = 0;
      for await (const report of trainer.run(source, { epochs: 3, reportEvery: 1 })) {
        if (report.kind === "step" && report.step === 2) bytes = backend().arena.bytes;
        if (report.kind === "step" && report.step > 2) expect(backend().arena.bytes).toBe(bytes);
      }
      return Float32Array.from(model.params.flatMap(({ value }) => [...value.data]));
    };
    const [first, second] = [await run(), await run()];
    expectSameBits("weights", second, first);
    expect(first.every(Number.isFinite)).toBe(true);
  });
});

test.each([
  ["lstm", "none"],
  ["gru", "output"],
  ["rnn", "none"],
] as const)("central differences of the loss of a whole model: %s, tied: %s", async (cell, tieWeights) => {
  const { openReference } = await import("../../src/engine/backend/reference.js");
  const backend = openReference();
  const model = draw(backend, { cell, tieWeights, dropout: 0.3 });
  for (const { value } of model.params) value.data.set(value.data.map((x) => x / 2)); // tamer slopes: float32 is coarse
  Object.assign(model.phase, { training: true, step: 4 });
  const batch = new TextBatches(backend, text, { N: 2, T: 3 }).batch(1, 0);
  const loss = (): number => {
    model.state = undefined;
    return model.forward(batch);
  };
  loss();
  model.backward();
  for (const { name, value, grad } of model.params) expectSlopes(name, loss, value, grad.data.slice());
});
