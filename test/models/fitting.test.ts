import { describe, expect, test } from "vitest";
import { openMeta } from "../../src/engine/backend/meta.js";
import { openReference } from "../../src/engine/backend/reference.js";
import { OptionError, ShapeError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { Seq2Seq, type Seq2SeqConfig } from "../../src/models/seq2seq.js";
import { expectError } from "../helpers/errors.js";
import { lengthsOf } from "../helpers/fixtures.js";
import { batchOf, drawPairs, makePairModel, pairConfig } from "../helpers/pair-models.js";

const attention = { decoder: "attention" } as const;

describe("parts that do not fit together are refused", () => {
  const seen = "the output layer shares its weight with the embedding, so its input must have the embedding size";

  test.each([
    [{ cell: "gru", initCell: true }, "initCell: expected cell lstm, got gru.", "only an LSTM has a cell state"],
    [
      { bidirectional: true, reverse: true },
      "reverse: expected one direction, got bidirectional too.",
      "leave one of them out",
    ],
    [
      { bidirectional: true, hiddenSize: 7 },
      "bidirectional: expected an even hidden size, got 7.",
      "each direction has half of it",
    ],
    [
      { attentionalHidden: true },
      "attentionalHidden: expected decoder attention, got plain.",
      "it combines attention and hidden state",
    ],
    [
      { decoder: "peeky", attentionalHidden: true },
      "attentionalHidden: expected decoder attention, got peeky.",
      "it combines attention and hidden state",
    ],
    [
      { ...attention, inputFeeding: true },
      "inputFeeding: expected attentionalHidden, got none.",
      "the fed input is the combined state",
    ],
    [{ decoder: "peeky", tieWeights: "output" }, "tieWeights: expected another decoder, got peeky.", seen],
    [{ ...attention, tieWeights: "output" }, "tieWeights: expected attentionalHidden, got none.", seen],
    [{ tieWeights: "output" }, "tieWeights: expected embeddingSize equal to hiddenSize, got 6 and 8.", seen],
    [
      { tieWeights: "all", embeddingSize: 8, sourceVocabSize: 7 },
      "tieWeights: expected one vocabulary for both sides, got 7 and 9 tokens.",
      "share the vocabulary, or tie only the output",
    ],
  ] as const satisfies [Partial<Seq2SeqConfig>, string, string][])("%o", (given, message, hint) => {
    for (const backend of [openReference(), openMeta()]) {
      const make = () => new Seq2Seq(backend, pairConfig(given));
      expectError(OptionError, make, `Seq2Seq: ${message}`, hint);
    }
  });

  test("and those that do are not", () => {
    const fitting: Partial<Seq2SeqConfig>[] = [
      { tieWeights: "output", embeddingSize: 8 },
      { ...attention, attentionalHidden: true, tieWeights: "all" },
      { decoder: "peeky", bidirectional: true, layers: 16 },
      { decoder: "attention", attentionalHidden: true, inputFeeding: true, hiddenSize: 7 },
    ];
    for (const given of fitting) expect(() => new Seq2Seq(openReference(), pairConfig(given))).not.toThrow();
  });
});

describe("a batch that does not fit is refused", () => {
  const backend = openReference();
  const model = makePairModel(backend, attention);
  const batch = batchOf(backend, drawPairs(new Random(1), [3, 5, 2], [5, 2, 4]));
  const refuse = (change: Partial<typeof batch>, message: string) => {
    for (const run of [model.forward.bind(model), model.losses.bind(model)])
      expect(() => run({ ...batch, ...change })).toThrow(message);
  };

  test("with lengths beyond the batch, of nothing, or of another number of rows", () => {
    const numbers = (...lengths: number[]) => lengthsOf(backend, lengths);
    refuse({ sourceLengths: numbers(3, 6, 2) }, "LSTM.forward: lengths: expected numbers from 1 to 5, got 6.");
    refuse({ sourceLengths: numbers(3, 0, 2) }, "LSTM.forward: lengths: expected numbers from 1 to 5, got 0.");
    refuse({ sourceLengths: numbers(3, 5) }, "LSTM.forward: lengths: expected shape (3), got (2).");
    refuse({ targetLengths: numbers(5, 6, 2) }, "EncoderDecoder: targetLengths: expected numbers from 2 to 5, got 6.");
    refuse({ targetLengths: numbers(5, 1, 2) }, "EncoderDecoder: targetLengths: expected numbers from 2 to 5, got 1.");
    refuse({ targetLengths: numbers(5, 2) }, "EncoderDecoder: targetLengths: expected shape (3), got (2).");
  });

  test("with more targets than sources", () => {
    const { target } = batchOf(backend, drawPairs(new Random(1), [3, 5], [5, 4]));
    refuse({ target, targetLengths: undefined }, "LSTM.forward: state.h: expected shape (2, 8), got (3, 8).");
  });

  test("and so are rows that were not started", () => {
    model.start(model.encode(batch.source, batch.sourceLengths), 2);
    const step = () => model.step(lengthsOf(backend, [1, 2, 3]).as([3, 1]));
    expectError(ShapeError, step, "LSTM.forward: state.h: expected shape (3, 8), got (6, 8).");
  });
});
