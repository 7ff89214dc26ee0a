import { describe, expect, test } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { OptionError, ShapeError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { Seq2Seq, type Seq2SeqConfig } from "../../src/models/seq2seq.js";
import type { PairBatch } from "../../src/models/sources.js";
import { describeBackends } from "../helpers/backends.js";
import { expectSameBits } from "../helpers/close.js";
import { Desk } from "../helpers/desk.js";
import { expectSlopes, fill } from "../helpers/differences.js";
import { expectError } from "../helpers/errors.js";
import { intsOf, lengthsOf, tensorOf } from "../helpers/fixtures.js";

const WIDTH = 5;
const TARGET = 9;

const kinds = [
  ["plain", {}],
  ["attention over a pyramid of two halvings", { decoder: "attention", layers: 3, pyramidLayers: 2 }],
  [
    "peeky, both ways, over a pyramid",
    { decoder: "peeky", layers: 2, pyramidLayers: 1, bidirectional: true, initCell: true },
  ],
  ["attention over reversed GRUs", { decoder: "attention", cell: "gru", reverse: true, layers: 2, pyramidLayers: 1 }],
] as const satisfies readonly (readonly [string, Partial<Seq2SeqConfig>])[];

function makeModel(backend: Backend, given: Partial<Seq2SeqConfig> = {}): Seq2Seq {
  const sizes = { frameSize: WIDTH, targetVocabSize: TARGET, embeddingSize: 6, hiddenSize: 8 };
  const shape = { decoder: "plain", reverse: false, initCell: false, ...sizes, ...given } as const;
  const model = new Seq2Seq(backend, { kind: "seq2seq", ...shape });
  const desk = new Desk(backend, 3);
  for (const { value } of model.params) fill(desk, value, 0.5);
  return model;
}

/** Frames and answers of given lengths; behind a row's frames there is NaN. */
function batchOf(backend: Backend, rows: readonly number[], only?: number): PairBatch {
  const chosen = only === undefined ? [...rows.keys()] : [only];
  const S = Math.max(...chosen.map((n) => rows[n] ?? 0));
  const data = chosen.flatMap((n) => {
    const random = new Random(n);
    const own = Array.from({ length: (rows[n] ?? 0) * WIDTH }, () => Math.round(256 * random.uniform()) / 256 - 0.5);
    return [...own, ...new Array<number>(S * WIDTH - own.length).fill(Number.NaN)];
  });
  return {
    source: tensorOf(backend, { shape: [chosen.length, S, WIDTH], data }),
    sourceLengths: lengthsOf(
      backend,
      chosen.map((n) => rows[n] ?? 0),
    ),
    target: intsOf(backend, { shape: [chosen.length, 4], data: chosen.flatMap((n) => [0, n + 1, n + 2, n + 3]) }),
  };
}

describe.each(kinds)("frames, %s", (_, given) => {
  test("gradients are those of central differences", () => {
    const backend = openReference();
    const model = makeModel(backend, given);
    const batch = batchOf(backend, [7, 4, 1]);
    const loss = (): number => model.forward(batch);
    loss();
    model.backward();
    for (const { name, value, grad } of model.params) {
      const gradient = grad.data.slice();
      expect(gradient.some((d) => d !== 0)).toBe(true);
      expectSlopes(name, loss, value, gradient, 3);
    }
  });

  describeBackends((backend) => {
    test("a row alone and within a batch: the same losses, bit for bit, whatever stands in the padding", () => {
      const model = makeModel(backend(), given);
      const rows = [5, 8, 3, 1];
      const together = model.losses(batchOf(backend(), rows)).slice();
      for (const n of rows.keys()) {
        const alone = model.losses(batchOf(backend(), rows, n));
        expectSameBits(`losses of row ${n}`, alone, together.slice(3 * n, 3 * n + 3));
      }
    });
  });
});

test("an answer depends on every frame and on all numbers of it", () => {
  const backend = openReference();
  const model = makeModel(backend, { decoder: "attention", layers: 2, pyramidLayers: 1 });
  const batch = batchOf(backend, [5]);
  const before = model.losses(batch).slice();
  for (let i = 0; i < batch.source.size; i++) {
    const { data } = batch.source;
    const number = data[i] ?? 0;
    data[i] = number + 1;
    expect(model.losses(batch)).not.toEqual(before);
    data[i] = number;
  }
});

test("what is of the other kind is refused", () => {
  const backend = openReference();
  const model = makeModel(backend);
  const ids = intsOf(backend, { shape: [1, 2], data: [0, 1] });
  expectError(ShapeError, () => model.encode(ids), "Encoder.forward: expected frames (N, S, D), got ids.");
  const source = backend.arena.tensor([1, 2, WIDTH + 1]);
  expectError(ShapeError, () => model.encode(source), "LSTM.forward: xs: expected shape (N, T, 5), got (1, 2, 6).");
});

test.each([
  [{ sourceVocabSize: 3 }, "Seq2Seq: sourceVocabSize, frameSize: expected one of them, got token ids and frames."],
  [{ frameSize: undefined }, "Seq2Seq: sourceVocabSize, frameSize: expected one of them, got none."],
  [{ pyramidLayers: 1 }, "Seq2Seq: pyramidLayers: expected fewer than layers, 1, got 1."],
  [
    { frameSize: undefined, sourceVocabSize: 3, layers: 2, pyramidLayers: 1 },
    "Seq2Seq: pyramidLayers: expected frames, got token ids.",
  ],
  [
    { tieWeights: "all", embeddingSize: 8 },
    "Seq2Seq: tieWeights: expected one vocabulary for both sides, got frames and 9 tokens.",
  ],
] as const)("%o is refused", (given, message) => {
  expectError(OptionError, () => makeModel(openReference(), given), message);
});
