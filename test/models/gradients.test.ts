import { describe, expect, test } from "vitest";
import { openReference } from "../../src/engine/backend/reference.js";
import { keysOf } from "../../src/engine/check-options.js";
import { scorings } from "../../src/engine/layers/attention.js";
import { Random } from "../../src/engine/random.js";
import type { DecoderTraining } from "../../src/models/encoder-decoder.js";
import type { Seq2SeqConfig } from "../../src/models/seq2seq.js";
import { expectSlopes } from "../helpers/differences.js";
import { batchOf, drawPairs, makePairModel } from "../helpers/pair-models.js";

const attention = { decoder: "attention" } as const;
const combined = { ...attention, attentionalHidden: true } as const;
const both = { layers: 2, bidirectional: true, initCell: true } as const;

/** N, S, T, D, H = 3, 5, 4, 6, 2 or 4; every pair with lengths of its own. */
function expectGradients(given: Partial<Seq2SeqConfig>, training: DecoderTraining = {}, trains = false): void {
  const backend = openReference();
  const model = makePairModel(backend, { hiddenSize: 4, ...given }, { scale: 0.5, ...training });
  if (trains) Object.assign(model.phase, { training: true, step: 3, done: 0.5 });
  const batch = batchOf(backend, drawPairs(new Random(1), [3, 5, 2], [5, 2, 4]));
  const loss = (): number => model.forward(batch);
  loss();
  model.backward();
  for (const { name, value, grad } of model.params) {
    const gradient = grad.data.slice();
    expect(gradient.some((d) => d !== 0)).toBe(true);
    expectSlopes(name, loss, value, gradient);
  }
}

describe("gradients are those of central differences", () => {
  test.each(
    keysOf(scorings).flatMap((scoring) =>
      [{}, { attentionalHidden: true }, { attentionalHidden: true, inputFeeding: true }].map(
        (given) => [scoring, given] as const,
      ),
    ),
  )("attention %s, %o", (scoring, given) => {
    expectGradients({ ...attention, attentionScore: scoring, ...given });
  });

  test.each([
    ["two layers both ways, plain", both],
    ["two layers both ways, attention", { ...attention, ...both, attentionScore: "general" }],
    ["two layers both ways, input feeding", { ...combined, ...both, inputFeeding: true }],
    [
      "two layers, reversed, of GRUs, input feeding",
      { ...combined, cell: "gru", layers: 2, reverse: true, inputFeeding: true },
    ],
    ["peeky, two layers", { decoder: "peeky", layers: 2, initCell: true }],
    ["peeky, two layers both ways, of RNNs", { decoder: "peeky", cell: "rnn", layers: 2, bidirectional: true }],
    ["plain, the target's embedding tied", { tieWeights: "output", embeddingSize: 4 }],
    ["plain, all tied", { tieWeights: "all", embeddingSize: 4, layers: 2 }],
    ["attention, the target's embedding tied", { ...combined, tieWeights: "output" }],
    [
      "input feeding, additive, all tied",
      { ...combined, attentionScore: "additive", inputFeeding: true, tieWeights: "all" },
    ],
  ] as const satisfies [string, Partial<Seq2SeqConfig>][])("%s", (_, given) => {
    expectGradients(given);
  });

  test.each([
    ["plain", {}],
    ["attention", combined],
    ["all tied", { ...combined, tieWeights: "all" }],
  ] as const)("with labels smoothed: %s", (_, given) => {
    expectGradients(given, { labelSmoothing: 0.2 });
  });

  test.each([
    ["peeky, two layers", { decoder: "peeky", layers: 2 }],
    ["two layers both ways, attention", { ...attention, ...both }],
    ["input feeding, two layers", { ...combined, inputFeeding: true, layers: 2 }],
    ["all tied", { ...combined, tieWeights: "all" }],
  ] as const)("with dropout of 0.5 whose masks stay: %s", (_, given) => {
    expectGradients({ ...given, dropout: 0.5 }, { seed: 2 }, true);
  });
});
