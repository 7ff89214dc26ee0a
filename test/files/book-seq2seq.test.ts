import { describe, expect, test } from "vitest";
import { greedy } from "../../src/decode/answer.js";
import { DataError } from "../../src/engine/errors.js";
import { importBookSeq2Seq } from "../../src/files/book-seq2seq.js";
import { loadArrays } from "../../src/files/model-file.js";
import { NumpyArray } from "../../src/files/numpy-array.js";
import { type PickleValue, readPickle } from "../../src/files/pickle.js";
import { Seq2Seq } from "../../src/models/seq2seq.js";
import { makeFixedCodec, readFixedPairs } from "../../src/tasks/pairs/fixed-data.js";
import { describeBackends } from "../helpers/backends.js";
import { expected, readBook } from "../helpers/book.js";
import { expectClose } from "../helpers/close.js";
import { expectError } from "../helpers/errors.js";

const kinds = [
  ["seq2seq", "plain", false],
  ["peeky", "peeky", true],
  ["attention", "attention", true],
] as const;

const pairs = readFixedPairs("pairs.txt", readBook("pairs.txt"));
const tokenizer = makeFixedCodec(pairs);

/** float32 where the recipe has float64, over weights and sums of at most 10. */
const tolerance = { absolute: 2e-5, relative: 1e-5 };

describeBackends((backend) => {
  describe.each(kinds)("the book's %s", (name, decoder, reverse) => {
    const { config, tensors } = importBookSeq2Seq(name, readPickle(readBook(`${name}.pkl`)), { reverse });
    const makeModel = (): Seq2Seq => {
      const model = new Seq2Seq(backend(), config);
      loadArrays({ name, tensors }, model.params);
      return model;
    };
    const encodeAll = (model: Seq2Seq) => {
      const source = backend().arena.ints([pairs.length, tokenizer.source.width]);
      source.data.set(pairs.flatMap(({ source: question }) => tokenizer.source.encode(question)));
      return model.encode(source);
    };

    test("has its sizes", () => {
      expect(config).toEqual({
        ...{ kind: "seq2seq", decoder, reverse, initCell: false },
        ...{ sourceVocabSize: 14, targetVocabSize: 14, embeddingSize: 3, hiddenSize: 5 },
      });
      expect([tokenizer.source.tokenizer.characters.join(""), tokenizer.source.size]).toEqual([
        expected.characters,
        14,
      ]);
    });

    test("gives its logits and attention weights", () => {
      const model = makeModel();
      const [N, T] = [pairs.length, tokenizer.target.width - 1];
      const targets = pairs.map(({ target: answer }) => tokenizer.target.encode(answer));
      const ids = backend().arena.ints([N, 1]);
      model.start(encodeAll(model));
      for (let t = 0; t < T; t++) {
        ids.data.set(targets.map((target) => target[t] ?? 0));
        const logits = model.step(ids).data;
        expectClose(
          `logits ${t}`,
          logits,
          expected[name].logits.flatMap((rows) => rows[t] ?? []),
          tolerance,
        );
        const looked = expected[name].attention.flatMap((rows) => rows[t] ?? []);
        expectClose(`attention ${t}`, model.attention?.data ?? [], looked, { absolute: 1e-6 });
      }
      expect(model.attention?.shape).toEqual(name === "attention" ? [N, tokenizer.source.width] : undefined);
    });

    test("answers greedily as it does", () => {
      const model = makeModel();
      const search = { start: tokenizer.target.start, end: undefined, length: tokenizer.target.longest };
      const answers = greedy(backend(), model, encodeAll(model), search);
      expect(answers.map(({ ids }) => tokenizer.target.tokenizer.decode(ids))).toEqual(expected[name].answers);
    });
  });
});

describe("a list of arrays that is no such model is refused, and the message says what does not fit", () => {
  const array = (...shape: number[]): NumpyArray =>
    new NumpyArray(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(0.5));
  const half = (inputs: number) => [array(7, 3), array(inputs, 8), array(2, 8), array(8)];
  const attention = () => [...half(3), ...half(3), array(4, 7), array(7)];
  const read = (value: PickleValue) => importBookSeq2Seq("a.pkl", value, { reverse: false });
  const withArray = (place: number, other: NumpyArray) => attention().toSpliced(place, 1, other);

  test("as it tells one decoder from the other", () => {
    expect(read(attention()).config.decoder).toBe("attention");
    expect(read([...half(3), ...half(5), array(4, 7), array(7)]).config.decoder).toBe("peeky");
    expect(read([...half(3), ...half(3), array(2, 7), array(7)]).config.decoder).toBe("plain");
  });

  test.each<[what: string, value: PickleValue, message: string]>([
    ["no list", new Map(), "expected the list of arrays that the book's save_params writes, got something else."],
    [
      "a list of others",
      [...attention(), 1],
      "expected the list of arrays that the book's save_params writes, got something else.",
    ],
    [
      "a language model",
      [...half(3), array(2, 7), array(7)],
      "expected the 10 arrays of the book's encoder and decoder, got 6.",
    ],
    ["Wh of another size", withArray(2, array(2, 9)), "Wh of the encoder: expected shape (2, 8), got (2, 9)."],
    ["another vocabulary", withArray(4, array(6, 3)), "embedding of the decoder: expected shape (7, 3), got (6, 3)."],
    ["Wx of another size", withArray(5, array(4, 8)), "Wx of the decoder: expected shape (3, 8), got (4, 8)."],
    ["another affine", withArray(8, array(3, 7)), "affine weight: expected shape (2, 7), got (3, 7)."],
    ["a bias as a row", withArray(9, array(1, 7)), "affine bias: expected shape (7), got (1, 7)."],
    [
      "no units",
      [array(7, 3), array(3, 0), array(0, 0), ...attention().slice(3)],
      "Wx of the encoder: expected shape (3, 0), got (3, 0).",
    ],
    [
      "a number that is none",
      withArray(3, new NumpyArray([8], new Float32Array(8).fill(Number.NaN))),
      "b of the encoder: expected finite numbers, got NaN or infinity.",
    ],
  ])("%s", (_, value, message) => {
    expectError(DataError, () => read(value), `a.pkl: ${message}`);
  });
});
