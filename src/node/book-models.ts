import type { Backend } from "../engine/backend/backend.js";
import { DataError, OptionError } from "../engine/errors.js";
import { importBook } from "../files/book.js";
import { importBookSeq2Seq } from "../files/book-seq2seq.js";
import { loadArrays } from "../files/model-file.js";
import { readPickle } from "../files/pickle.js";
import { LanguageModel } from "../models/language-model.js";
import { Seq2Seq } from "../models/seq2seq.js";
import { findFile } from "../tasks/files.js";
import type { SavedModel } from "../tasks/model-kinds.js";
import { makeFixedCodec, readFixedPairs } from "../tasks/pairs/fixed-data.js";
import { pairPresets } from "../tasks/pairs/pair-options.js";
import { textPresets } from "../tasks/texts/text-options.js";
import { textHint, wordsOf } from "../tasks/texts/texts.js";
import { nodeFiles } from "./data-files.js";
import { readBytes } from "./files.js";

/** Facts that the arrays of a pickle do not hold. */
export interface BookFacts {
  /** The training data: a text, or lines question_answer. Its words, or its characters, are the vocabulary. */
  readonly vocab: string;
  /** True if it was trained on reversed sources. @default as in the book: true for attention */
  readonly reverse?: boolean | undefined;
  readonly dataDir?: string | undefined;
}

type Load = (path: string, facts: BookFacts, backend: Backend) => SavedModel;

/** The book's models, each read from the pickle of its weights. */
export const bookModels = {
  rnnlm: loadText("rnnlm"),
  "better-rnnlm": loadText("better-rnnlm"),
  seq2seq: loadPairs("plain"),
  peeky: loadPairs("peeky"),
  attention: loadPairs("attention"),
} as const satisfies Record<string, Load>;

const asHint = "choose the kind of model with `as`";

function loadText(preset: "rnnlm" | "better-rnnlm"): Load {
  return (path, { vocab, reverse, dataDir }, backend) => {
    if (reverse !== undefined) throw new OptionError(`reverse: expected a seq2seq model, got ${preset}.`, asHint);
    const { config, tensors } = importBook(path, readWeights(path));
    const files = nodeFiles({ dataDir });
    const { layers } = textPresets[preset];
    if (config.layers !== layers)
      throw new DataError(`${path}: expected the ${layers} layers of ${preset}, got ${config.layers}.`, asHint);
    const tokenizer = wordsOf(files, findFile(files, vocab, textHint), Number.MAX_SAFE_INTEGER);
    expectVocabulary(vocab, "words", config.vocabSize, tokenizer.size);
    const model = new LanguageModel(backend, config);
    loadArrays({ name: path, tensors }, model.params);
    return { model, tokenizer };
  };
}

function loadPairs(preset: "plain" | "peeky" | "attention"): Load {
  return (path, { vocab, reverse = pairPresets[preset].reverse, dataDir }, backend) => {
    const { config, tensors } = importBookSeq2Seq(path, readWeights(path), { reverse });
    if (config.decoder !== preset)
      throw new DataError(`${path}: expected decoder ${preset}, got ${config.decoder}.`, asHint);
    const data = findFile(nodeFiles({ dataDir }), vocab, "choose a file of lines question_answer");
    const tokenizer = makeFixedCodec(readFixedPairs(vocab, readBytes(data, "a data file")));
    expectVocabulary(vocab, "characters", config.targetVocabSize, tokenizer.target.size);
    const model = new Seq2Seq(backend, config);
    loadArrays({ name: path, tensors }, model.params);
    return { model, tokenizer };
  };
}

function readWeights(path: string) {
  return readPickle(readBytes(path, "a pickle of weights"), path);
}

function expectVocabulary(name: string, what: string, expected: number, got: number): void {
  if (got !== expected) throw new DataError(`${name}: expected ${expected} different ${what}, got ${got}.`);
}
