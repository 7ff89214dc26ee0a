import { describe, expect, test } from "vitest";
import { OptionError } from "../../src/engine/errors.js";
import { TokenizerJSON, type TokenizerKind, tokenizerFromJSON, trainTokenizer } from "../../src/text/tokenizer.js";
import { thrownBy } from "../helpers/errors.js";
import { scripts } from "../helpers/scripts.js";

const kinds = ["characters", "graphemes", "words", "bpe"] as const satisfies TokenizerKind[];
const texts = Object.values(scripts);

describe.each(kinds)("a tokenizer of %s made from texts", (kind) => {
  test("reads them once, and reads and writes them", () => {
    const once = texts.values();
    const tokenizer = trainTokenizer(kind, once, { punctuation: "keep" });
    for (const text of texts) {
      const ids = tokenizer.encode(text);
      expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.size)).toBe(true);
      const words = text.replace(/\s+/gu, " ").trim();
      expect(tokenizer.decode(ids)).toBe(kind === "words" ? words : text);
      expect(tokenizer.encodeKnown(text)).toEqual(ids);
    }
  });

  test("is no larger than it may be, reads what it has not seen, and makes each time the same", () => {
    const size = kind === "bpe" ? 300 : 20;
    const tokenizer = trainTokenizer(kind, texts, { size });
    expect(tokenizer.size).toBe(size);
    expect(tokenizer.encode("Ω, ѣ 뷁 never seen!").length).toBeGreaterThan(3);
    expect(JSON.stringify(trainTokenizer(kind, texts, { size }))).toBe(JSON.stringify(tokenizer));
  });

  test("has tokens with a text each, which are found again", () => {
    const tokenizer = trainTokenizer(kind, texts);
    const ids = Array.from({ length: tokenizer.size }, (_, id) => id);
    expect(ids.map((id) => tokenizer.idOf(tokenizer.token(id)))).toEqual(ids);
  });

  test("reads in small letters where it is told so", () => {
    const tokenizer = trainTokenizer(kind, ["Äpfel ÄPFEL"], { lowercase: true });
    expect(tokenizer.decode(tokenizer.encode("ÄPFEL Äpfel"))).toBe("äpfel äpfel");
    expect(trainTokenizer(kind, ["A a"]).encode("A")).not.toEqual(trainTokenizer(kind, ["A a"]).encode("a"));
  });

  test("goes through JSON unchanged", () => {
    for (const lowercase of [true, false]) {
      const tokenizer = trainTokenizer(kind, texts, { lowercase });
      const json: unknown = JSON.parse(JSON.stringify(tokenizer));
      const again = tokenizerFromJSON(TokenizerJSON.parse(json));
      expect(again).toEqual(tokenizer);
      for (const text of [...texts, "ABC 뷁"]) expect(again.encode(text)).toEqual(tokenizer.encode(text));
      expect(JSON.parse(JSON.stringify(again))).toEqual(json);
    }
  });
});

test("punctuation is split from words unless it is to be kept", () => {
  const size = (punctuation?: "keep" | "split"): number =>
    trainTokenizer("words", ["no. No, no"], punctuation && { punctuation }).size;
  expect([size(), size("split"), size("keep")]).toEqual([5, 5, 4]); // with <unk>
});

test("an option out of its range is refused", () => {
  for (const options of [{ size: 1 }, { size: 2_000_001 }, { size: 2.5 }]) {
    const error = thrownBy(() => trainTokenizer("words", ["a"], options));
    expect(error).toBeInstanceOf(OptionError);
    expect(error?.message).toMatch(/^trainTokenizer: .*size/s);
  }
});

describe("a tokenizer in a damaged file is refused:", () => {
  test.each([
    ["an unknown kind", { type: "syllables", characters: [] }],
    ["no list", { type: "characters" }],
    ["the same character twice", { type: "characters", characters: ["a", "a"] }],
    ["two characters as one", { type: "characters", characters: ["ab"] }],
    ["an empty grapheme", { type: "graphemes", characters: [""] }],
    ["the same word twice", { type: "words", words: ["a", "b", "a"] }],
    ["an unknown way with punctuation", { type: "words", words: ["a"], punctuation: "drop" }],
    ["a case that is neither", { type: "words", words: ["a"], lowercase: "yes" }],
    ["merges of tokens that are not there", { type: "bpe", characters: "ab", merges: [256, 300] }],
    ["no model", { type: "huggingface", tokenizer: {} }],
  ])("%s", (_, json) => {
    expect(TokenizerJSON.safeParse(json).success).toBe(false);
  });
});
