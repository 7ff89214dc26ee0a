import { describe, expect, test } from "vitest";
import { greedy } from "../../../src/decode/answer.js";
import { Workspace } from "../../../src/engine/backend/arena.js";
import type { Backend } from "../../../src/engine/backend/backend.js";
import { LSTM } from "../../../src/engine/layers/lstm.js";
import { Adam, clipFactor, gradientNorm } from "../../../src/engine/optim/optimizer.js";
import { Seq2Seq, type Seq2SeqConfig } from "../../../src/models/seq2seq.js";
import type { PairBatch } from "../../../src/models/sources.js";
import { describeBackends } from "../../helpers/backends.js";
import { expectSameBits } from "../../helpers/close.js";
import { Desk, draw } from "../../helpers/desk.js";

const sizes = { sourceVocabSize: 11, targetVocabSize: 13, embeddingSize: 5, hiddenSize: 7 };
const config: Seq2SeqConfig = { kind: "seq2seq", decoder: "peeky", reverse: true, initCell: true, ...sizes };

function trainer(backend: Backend) {
  const desk = new Desk(backend, 1);
  const model = new Seq2Seq(backend, config).initialize(1);
  const optimizer = new Adam(backend, model.params, 0.01);
  let step = 0;
  return {
    model,
    batchOf: (N: number, T: number) => ({ source: desk.below([N, 5], 11), target: desk.below([N, T + 1], 13) }),
    step(batch: PairBatch) {
      for (const { grad } of model.params) grad.data.fill(0);
      model.forward(batch);
      model.backward();
      optimizer.step(clipFactor(gradientNorm(backend, model.params), 5), ++step);
    },
  };
}

describeBackends((backend) => {
  describe("a training step", () => {
    test("takes no memory after the second of its shape", () => {
      const { step, batchOf } = trainer(backend());
      const batch = batchOf(6, 4);
      for (let i = 0; i < 2; i++) step(batch);
      const { bytes } = backend().arena;
      for (let i = 0; i < 50; i++) step(batch);
      expect(backend().arena.bytes).toBe(bytes);
    });

    test("takes none in turns with a smaller shape and with generation", () => {
      const { step, batchOf, model } = trainer(backend());
      const [large, small] = [batchOf(6, 4), batchOf(5, 2)];
      const round = (): void => {
        step(small);
        greedy(backend(), model, model.encode(small.source), { start: 0, end: undefined, length: 3 });
        step(large);
      };
      for (let i = 0; i < 2; i++) round(); // two: a layer keeps its last state in two places by turns
      const { bytes } = backend().arena;
      for (let i = 0; i < 10; i++) round();
      expect(backend().arena.bytes).toBe(bytes);
    });
  });

  test("a tensor of zeros is zeros, even where a freed block lay", () => {
    const { arena } = backend();
    const first = arena.tensor([3, 5]);
    first.data.fill(7);
    arena.free(first);
    const again = arena.tensor([15]);
    expect(again.offset).toBe(first.offset);
    expect([...again.data]).toEqual(new Array(15).fill(0));
  });

  test("blocks do not overlap, and start at whole cache lines", () => {
    const { arena } = backend();
    const blocks = [1, 16, 17, 100, 3].map((n) => arena.tensor([n]));
    for (const [i, block] of blocks.entries()) block.data.fill(i + 1);
    blocks.forEach((block, i) => {
      expect(block.offset % 64).toBe(0);
      expect(new Set(block.data)).toEqual(new Set([i + 1]));
    });
  });

  test("a workspace keeps the larger block, and reuses it for smaller shapes", () => {
    const workspace = new Workspace(backend().arena);
    const large = workspace.tensor("xs", [4, 5]);
    expect(workspace.tensor("xs", [3, 2])).toMatchObject({ offset: large.offset, shape: [3, 2], size: 6 });
    expect(workspace.tensor("ys", [4, 5]).offset).not.toBe(large.offset);
    expect(workspace.tensor("xs", [50, 5]).offset).not.toBe(large.offset);
    expect(backend().arena.tensor([20]).offset).toBe(large.offset); // given back when it became too small
  });

  test("the state that a call starts from outlives the call, and the one after it", () => {
    const [N, D, H] = [2, 3, 7];
    const layer = new LSTM(backend(), { D, H, stateful: true });
    const desk = new Desk(backend(), 1);
    for (const { value } of layer.params) value.data.set(draw(desk.random, value.size));
    const states: (Float32Array | undefined)[] = [];
    for (let call = 0; call < 4; call++) {
      const started = layer.state;
      const before = started?.h.data.slice();
      layer.forward(desk.uniform([N, call + 1, D])); // longer each time: the blocks are replaced
      if (before) expectSameBits("state", started?.h.data, before);
      states.push(layer.state?.h.data.slice());
    }
    expect(new Set(states.map((h) => h?.join())).size).toBe(4);
  });
});
