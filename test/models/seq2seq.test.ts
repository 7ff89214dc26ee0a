import { describe, expect, test } from "vitest";
import { greedy } from "../../src/decode/answer.js";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { Adam, gradientNorm } from "../../src/engine/optim/optimizer.js";
import type { Ints } from "../../src/engine/tensor.js";
import { Decoder } from "../../src/models/decoder.js";
import { Encoder } from "../../src/models/encoder.js";
import { Seq2Seq, type Seq2SeqConfig } from "../../src/models/seq2seq.js";
import { describeBackends } from "../helpers/backends.js";
import { expectClose, expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { expectSlopes, fillParams } from "../helpers/differences.js";
import { intsOf, readSeq2Seq, type Seq2SeqCase, setParams } from "../helpers/fixtures.js";

function configOf({ V, D, H, peeky, passCell: initCell, reverse }: Seq2SeqCase): Seq2SeqConfig {
  const decoder = peeky ? ("peeky" as const) : ("plain" as const);
  const sizes = { sourceVocabSize: V, targetVocabSize: V, embeddingSize: D, hiddenSize: H };
  return { kind: "seq2seq", decoder, reverse, initCell, ...sizes };
}

/** The model of a recorded case with its parameters, and its batch. */
function make(backend: Backend, c: Seq2SeqCase) {
  const model = new Seq2Seq(backend, configOf(c));
  setParams(
    model.params,
    model.params.map(({ name }) => c.params[name]),
  );
  return { model, batch: { source: intsOf(backend, c.source), target: intsOf(backend, c.target) } };
}

const cases = readSeq2Seq().map((c) => [c.name, c] as const);
const sizes = { sourceVocabSize: 13, targetVocabSize: 11, embeddingSize: 6, hiddenSize: 17 };
const config: Seq2SeqConfig = { kind: "seq2seq", decoder: "peeky", reverse: true, initCell: true, ...sizes };

/** A model large enough to have opinions, and a batch for it. */
function draw(backend: Backend, N: number, given: Partial<Seq2SeqConfig> = {}) {
  const desk = new Desk(backend, 5);
  const model = new Seq2Seq(backend, { ...config, ...given });
  fillParams(desk, model.params);
  return { model, batch: { source: desk.below([N, 5], 13), target: desk.below([N, 4], 11) } };
}

/** Greedy answers of `length` tokens. */
const answer = (backend: Backend, model: Seq2Seq, source: Ints, start: number, length: number) =>
  greedy(backend, model, model.encode(source), { start, end: undefined, length });

describeBackends((backend) => {
  // seq2seq.json, by test/fixtures/pytorch.py, in float64. Logits of order three after S + T = 7 steps, each a sum of 7 or
  // 14 rounded products; the gradients, below 1, sum N·T = 6 of them. Four times what was seen on any backend.
  describe.each(cases)("PyTorch's %s", (_, c) => {
    test("loss and gradients", () => {
      const { model, batch } = make(backend(), c);
      expect(model.params.map(({ name }) => name).sort()).toEqual(Object.keys(c.params).sort());
      expectClose("loss", [model.forward(batch)], [c.loss], { absolute: 5e-7 });
      model.backward();
      for (const { name, grad } of model.params)
        expectClose(name, grad.data, c.gradients[name]?.data, { absolute: 2e-7 });
    });

    test("logits", () => {
      const encoder = new Encoder(backend(), c, { reverse: c.reverse });
      const decoder = new Decoder(backend(), c, { decoder: c.peeky ? "peeky" : "plain" });
      for (const { params } of [encoder, decoder])
        setParams(
          params,
          params.map(({ name }) => c.params[name]),
        );
      const last = encoder.forward(intsOf(backend(), c.source));
      const ids = c.target.data.filter((_, i) => i % (c.T + 1) < c.T);
      const inputs = intsOf(backend(), { shape: [c.N, c.T], data: ids });
      const states = last.states.map(({ h, c: cell }) => ({ h, c: c.passCell ? cell : undefined }));
      decoder.start({ ...last, states });
      const logits = decoder.step(inputs);
      expectClose("logits", logits.data, c.logits.data, { absolute: 1e-6 });
    });

    test("gradients are added, not overwritten", () => {
      const { model, batch } = make(backend(), c);
      for (const _ of [1, 2]) {
        model.forward(batch);
        model.backward();
      }
      for (const { name, grad } of model.params)
        expectClose(
          name,
          grad.data,
          c.gradients[name]?.data.map((d) => 2 * d),
          { absolute: 4e-7 },
        );
    });
  });

  test.each(["plain", "peeky"] as const)("greedy writes the same in a batch and one by one: %s", (decoder) => {
    const { model, batch } = draw(backend(), 9, { decoder });
    const together = answer(backend(), model, batch.source, 0, 6);
    expect(new Set(together.flatMap(({ ids }) => ids)).size).toBeGreaterThan(2); // not the same word over and over
    for (let n = 0; n < 9; n++) {
      const source = intsOf(backend(), { shape: [1, 5], data: [...batch.source.data.subarray(n * 5, (n + 1) * 5)] });
      const [alone] = answer(backend(), model, source, 0, 6);
      expect(alone?.ids).toHaveLength(6);
      expect(alone).toEqual(together[n]);
    }
  });

  test.each(["plain", "peeky"] as const)("a greedy score is the sum that forced decoding gives: %s", (decoder) => {
    const { model, batch } = draw(backend(), 9, { decoder });
    const answers = answer(backend(), model, batch.source, 4, 6);
    const target = answers.flatMap(({ ids }) => [4, ...ids]);
    const losses = model.losses({ source: batch.source, target: intsOf(backend(), { shape: [9, 7], data: target }) });
    const sums = Array.from({ length: 9 }, (_, n) => losses.slice(n * 6, (n + 1) * 6).reduce((sum, x) => sum - x, 0));
    // One step at a time or all at once: the same kernels on the same rows, hence the same losses.
    const scores = answers.map(({ score }) => score);
    expectClose("scores", scores, sums, { absolute: 1e-12 });
  });

  test("greedy takes the most probable word: no other first word has a smaller loss", () => {
    const { model, batch } = draw(backend(), 3);
    const answers = answer(backend(), model, batch.source, 0, 1);
    const lossesOf = (word: number) =>
      model.losses({
        source: batch.source,
        target: intsOf(backend(), { shape: [3, 2], data: [0, word, 0, word, 0, word] }),
      });
    const losses = Array.from({ length: 11 }, (_, word) => [...lossesOf(word)]);
    for (let n = 0; n < 3; n++) {
      const chosen = losses[answers[n]?.ids[0] ?? -1]?.[n] ?? Number.NaN;
      expect(Math.min(...losses.map((row) => row[n] ?? Number.NaN))).toBe(chosen);
    }
  });

  test("the same seed gives the same bits twice, another seed others", () => {
    const train = (seed: number): { losses: number[]; params: Float32Array[] } => {
      const model = new Seq2Seq(backend(), config).initialize(seed);
      const optimizer = new Adam(backend(), model.params, 0.01);
      const { batch } = draw(backend(), 6);
      const losses: number[] = [];
      for (let step = 1; step <= 5; step++) {
        for (const { grad } of model.params) grad.data.fill(0);
        losses.push(model.forward(batch));
        model.backward();
        optimizer.step(Math.min(1, 1 / gradientNorm(backend(), model.params)), step);
      }
      return { losses, params: model.params.map(({ value }) => value.data.slice()) };
    };
    const [first, second, other] = [train(1), train(1), train(2)];
    expect(second).toEqual(first);
    expect(other.losses[0]).not.toBe(first.losses[0]);
    expect(first.losses[4]).toBeLessThan(first.losses[0] ?? 0);
  });

  test("initial weights are the reference's, bit for bit, and biases start at 0", () => {
    const [own, reference] = [backend(), openReference()].map((b) => new Seq2Seq(b, config).initialize(1).params);
    own?.forEach(({ name, value }, i) => {
      expectSameBits(name, value.data, reference?.[i]?.value.data);
      expect(value.data.every((x) => x === 0)).toBe(name.includes("bias"));
    });
  });

  test("an id that the vocabulary lacks is refused", () => {
    const { model, batch } = draw(backend(), 2);
    batch.source.data[3] = 13;
    expect(() => model.forward(batch)).toThrow("expected numbers from 0 to 12, got 13.");
    expect(() => answer(backend(), model, batch.source, 0, 3)).toThrow("expected numbers from 0 to 12, got 13.");
  });
});

describe("on the reference", () => {
  test.each([
    ["peeky, reversed, cell passed", {}],
    ["plain, cell not passed", { decoder: "plain", reverse: false, initCell: false }],
    ["peeky, cell not passed", { initCell: false }],
  ] as const)("gradients are those of central differences of the loss: %s", (_, given) => {
    const { model, batch } = draw(openReference(), 2, { hiddenSize: 5, ...given });
    const loss = (): number => model.forward(batch);
    loss();
    model.backward();
    for (const { name, value, grad } of model.params) expectSlopes(name, loss, value, grad.data.slice(), 3);
  });
});
