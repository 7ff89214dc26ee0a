import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { splitWords, Words, WordsJSON, type WordsOptions } from "../../src/text/words.js";
import { expectError } from "../helpers/errors.js";
import { scripts } from "../helpers/scripts.js";

/** The tokens of a text, every one of them known. */
function cut(text: string, options: WordsOptions): string[] {
  const words = Words.train([text], { size: 1000, ...options });
  return words.encode(text).map((id) => words.token(id));
}

/** A text after encoding and decoding, every word of it known. */
function again(text: string, options: WordsOptions): string {
  const words = Words.train([text], { size: 1000, ...options });
  return words.decode(words.encode(text));
}

describe("words of a language model's text", () => {
  test("are what blanks separate, with <eos> for each line break", () => {
    expect(splitWords(" The cat,\n sat.\n\n")).toEqual(["The", "cat,", "<eos>", "sat.", "<eos>", "<eos>"]);
    expect(cut("The cat,\nsat.", {})).toEqual(["The", "cat,", "<eos>", "sat."]);
    expect(again("the cat\nsat\n", {})).toBe("the cat.\nsat.\n");
  });

  test("are read from a file of before there were options, and written as before", () => {
    const json = { type: "words", words: ["the", "<eos>", "<unk>"] } as const;
    const words = Words.fromJSON({ ...json, words: [...json.words] });
    expect(words.encode("the The\n")).toEqual([0, 2, 1]);
    expect(JSON.parse(JSON.stringify(words))).toEqual(json);
  });
});

describe("words of pairs", () => {
  const split = { punctuation: "split", lines: false } as const;

  test("may be kept as they are, a line break being white space", () => {
    expect(cut("The cat,\n sat.", { lines: false })).toEqual(["The", "cat,", "sat."]);
    expect(again("The cat,\n\tsat.", { lines: false })).toBe("The cat, sat.");
    const words = Words.train(["a\nb"], { size: 10, lines: false });
    expect(words.words).toEqual(["a", "b", "<unk>"]);
    expectError(
      DataError,
      () => words.idOf(words.lineBreak),
      '"<eos>": expected one of the 3 words the model knows, got another.',
    );
  });

  test("may be read in small letters", () => {
    const words = Words.train(["Die Straße, DIE STRASSE"], { size: 10, ...split, lowercase: true });
    expect(words.words).toEqual(["die", "straße", ",", "strasse", "<unk>"]);
    expect(words.decode(words.encode("DIE Straße"))).toBe("die straße");
  });

  test("are split from punctuation, but not where it holds a word or a number together", () => {
    expect(cut("Hello, (dear) world!", split)).toEqual(["Hello", ",", "(", "dear", ")", "world", "!"]);
    expect(cut("don't l’été well-known U.S.A. e.g.", split)).toEqual([
      "don't",
      "l’été",
      "well-known",
      "U.S.A",
      ".",
      "e.g",
      ".",
    ]);
    expect(cut("1,000.50 at 10:30, 1/2; a,b a/b", split)).toEqual([
      "1,000.50",
      "at",
      "10:30",
      ",",
      "1/2",
      ";",
      "a",
      ",",
      "b",
      "a",
      "/",
      "b",
    ]);
    expect(cut("wait... what?!", split)).toEqual(["wait", ".", ".", ".", "what", "?", "!"]);
    expect(cut("x = 3+4 <unk> $5 👩‍👩‍👧!", split)).toEqual(["x", "=", "3+4", "<unk>", "$5", "👩‍👩‍👧", "!"]);
    expect(cut("سلام، كيف؟", split)).toEqual(["سلام", "،", "كيف", "؟"]);
  });

  test.each([
    "Hello, (dear) world! Is it so? Yes; no: 100% [1].",
    'He said "yes, (no)" and "perhaps".',
    "„Hallo“, sagte er. “Hi,” she said. ”Hej”, sa han. «Oui», dit-il.",
    "¿Qué? ¡Sí! don't, it's 3.14; 1,000",
    "سلام، كيف حالك؟ नमस्ते।",
  ])("are joined again without a blank too many: %s", (text) => {
    expect(again(text, split)).toBe(text);
  });

  test.each(Object.entries(scripts))("keep %s, but for white space", (name, text) => {
    const plain = text.replace(/\s+/gu, " ").trim();
    expect(again(text, { lines: false })).toBe(plain);
    const joined = again(text, { ...split }).replace(/\s/gu, "");
    expect(joined, name).toBe(text.replace(/\s/gu, ""));
  });

  test("that were rare in training, or never seen, are read as <unk>", () => {
    const words = Words.train(["b a a c b a"], { size: 3, lines: false });
    expect(words.words).toEqual(["b", "a", "<unk>"]);
    expect(words.encode("a c d b")).toEqual([1, 2, 2, 0]);
    expect(words.decode([1, 2, 0])).toBe("a <unk> b");
  });

  test("go through JSON with their options", () => {
    const words = Words.train(["Ja, nein"], { size: 10, lowercase: true, ...split });
    const json = WordsJSON.parse(JSON.parse(JSON.stringify(words)));
    expect(json).toEqual({
      ...{ type: "words", words: ["ja", ",", "nein", "<unk>"] },
      ...{ lowercase: true, punctuation: "split", lines: false },
    });
    expect(Words.fromJSON(json).encode("JA,\nnein")).toEqual([0, 1, 2]);
  });
});

test("an unknown word is named with the nearest ones, and may be as long as it likes", () => {
  const words = new Words(["cat", "dog", "house"]);
  const message = '"cot": expected one of the 3 words the model knows, got another.';
  expectError(DataError, () => words.encode("cot"), message, "near it: cat, dog");
  const many = new Words(Array.from({ length: 10_000 }, (_, i) => `word${i}`));
  const long = `"${"a".repeat(40)}…": expected one of the 10000 words the model knows, got another.`;
  expectError(DataError, () => many.encodeKnown("a".repeat(1_000_000)), long);
});
