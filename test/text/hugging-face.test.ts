import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { HuggingFace, provideHuggingFace } from "../../src/text/hugging-face.js";
import { TokenizerJSON, tokenizerFromJSON } from "../../src/text/tokenizer.js";
import { expectError } from "../helpers/errors.js";
import { huggingFace, skipWithoutHuggingFace } from "../helpers/hugging-face.js";

const wordPiece = {
  version: "1.0",
  added_tokens: [{ id: 0, content: "[UNK]", special: true, normalized: false }],
  normalizer: { type: "Lowercase" },
  pre_tokenizer: { type: "Whitespace" },
  decoder: { type: "WordPiece", prefix: "##", cleanup: true },
  model: {
    ...{ type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", max_input_chars_per_word: 100 },
    vocab: { "[UNK]": 0, the: 1, cat: 2, "##s": 3, sat: 4, ".": 5 },
  },
};

const bytes = {
  version: "1.0",
  added_tokens: [],
  pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
  decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    ...{ type: "BPE", fuse_unk: false, byte_fallback: false, ignore_merges: false },
    vocab: { l: 0, o: 1, w: 2, e: 3, r: 4, Ġ: 5, Ã: 6, "©": 7, lo: 8, low: 9, er: 10, Ġlow: 11 },
    merges: [
      ["l", "o"],
      ["lo", "w"],
      ["e", "r"],
      ["Ġ", "low"],
    ],
  },
};

const read = (content: object): HuggingFace => HuggingFace.read("t.json", JSON.stringify(content), huggingFace);

/**
 * The ids and the texts are those of the Python package tokenizers 0.23.2:
 * `t = Tokenizer.from_str(json); e = t.encode(text, add_special_tokens=False); e.ids, t.decode(e.ids, skip_special_tokens=False)`
 */
describe.skipIf(skipWithoutHuggingFace)("a tokenizer.json of Hugging Face", () => {
  test("reads and writes words in pieces", () => {
    const tokenizer = read(wordPiece);
    expect(tokenizer.size).toBe(6);
    expect(tokenizer.encode("The cats sat.")).toEqual([1, 2, 3, 4, 5]);
    expect(tokenizer.decode([1, 2, 3, 4, 5])).toBe("the cats sat.");
    expect(tokenizer.token(3)).toBe("##s");
    expect(tokenizer.idOf("##s")).toBe(3);
  });

  test("reads and writes bytes", () => {
    const tokenizer = read(bytes);
    expect(tokenizer.encode("low lower é")).toEqual([9, 11, 10, 5, 6, 7]);
    expect(tokenizer.decode([9, 11, 10, 5, 6, 7])).toBe("low lower é");
    expect(tokenizer.encode("")).toEqual([]);
    expect(tokenizer.decode([])).toBe("");
  });

  test("names what it does not know", () => {
    const tokenizer = read(wordPiece);
    expect(tokenizer.encode("the dog")).toEqual([1, 0]);
    expect(tokenizer.decode([1, 0, 99, -1])).toBe("the [UNK]");
    expect(tokenizer.token(99)).toBe("\uFFFD");
    const unknown = '"the dog": expected tokens the model knows, got [UNK] among them.';
    expectError(DataError, () => tokenizer.encodeKnown("the dog"), unknown);
    expect(tokenizer.encodeKnown("the cat")).toEqual([1, 2]);
    const message = '"cet": expected one of the 6 tokens the model knows, got another.';
    expectError(DataError, () => tokenizer.idOf("cet"), message, "near it: cat");
    const strict = read({
      ...bytes,
      pre_tokenizer: null,
      model: { type: "Unigram", unk_id: null, vocab: [["l", -1]] },
    });
    const strange = '"l?": expected characters the tokenizer knows, got others.';
    expectError(DataError, () => strict.encode("l?"), strange);
  });

  test("stands whole in the model file", () => {
    provideHuggingFace(() => huggingFace);
    const json: unknown = JSON.parse(JSON.stringify(read(bytes)));
    const again = tokenizerFromJSON(TokenizerJSON.parse(json));
    expect(again).toBeInstanceOf(HuggingFace);
    expect(again.encode("low lower é")).toEqual([9, 11, 10, 5, 6, 7]);
    expect(JSON.parse(JSON.stringify(again))).toEqual(json);
  });

  test("is refused where the package cannot read it", () => {
    const got = "Unknown PreTokenizer type: Unheard";
    const message = `t.json: expected a tokenizer that @huggingface/tokenizers reads, got: ${got}.`;
    expectError(DataError, () => read({ ...bytes, pre_tokenizer: { type: "Unheard" } }), message);
  });
});

describe("a tokenizer.json is refused", () => {
  const missing = "expected the package @huggingface/tokenizers, got none.";
  const hint = "npm install @huggingface/tokenizers";

  test("where the package is missing", () => {
    provideHuggingFace(() => undefined);
    const text = JSON.stringify(bytes);
    expectError(DataError, () => HuggingFace.read("t.json", text), `t.json: ${missing}`, hint);
    const json = TokenizerJSON.parse({ type: "huggingface", tokenizer: bytes });
    expectError(DataError, () => tokenizerFromJSON(json), `tokenizer.json: ${missing}`, hint);
    provideHuggingFace(() => huggingFace);
  });

  test.each([
    ["something else", "no JSON"],
    ["something else", "[]"],
    ["another model", JSON.stringify({})],
    ["another model.type", JSON.stringify({ model: { vocab: {} } })],
    ["another model.vocab.a", JSON.stringify({ model: { type: "BPE", vocab: { a: 1e9 } } })],
    [
      "another added_tokens.0.id",
      JSON.stringify({ ...bytes, added_tokens: [{ id: 2 ** 31, content: "<end>" }] }), // a table of gigabytes
    ],
  ])("with %s", (got, text) => {
    const message = `t.json: expected a tokenizer.json of Hugging Face, got ${got}.`;
    expectError(DataError, () => HuggingFace.read("t.json", text, huggingFace), message, "not tokenizer_config.json");
  });
});
