import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { EosPairs } from "../../../src/tasks/pairs/marked-pairs.js";
import { PairTokenizerJSON, pairTokenizerFromJSON } from "../../../src/tasks/pairs/pair-tokenizer.js";
import { Characters } from "../../../src/text/characters.js";
import { Words } from "../../../src/text/words.js";
import { expectError } from "../../helpers/errors.js";

const letters = new Characters([..."ab cé🎉"]);
const words = new Words(["the", "cat", "<unk>", "sat"]);
const longest = { source: 5, target: 7 };
const own = new EosPairs(words, letters, longest);
const shared = new EosPairs(letters, letters, longest);

describe("pairs with an end of sequence", () => {
  test("a source ends with an end of sequence, and a target stands between two", () => {
    expect(own.encodeSource("the cat")).toEqual([0, 1, 4]);
    expect(own.encodeTarget("a b")).toEqual([6, 0, 2, 1, 6]);
    expect([own.start, own.end, own.sourceSize, own.targetSize]).toEqual([6, 6, 5, 7]);
    expect(own.longest).toEqual(longest);
  });

  test.each(["", " ", "a", "  a ", "é🎉", "ab ".repeat(1000)])("a text comes back as it was: %o", (text) => {
    expect(shared.decodeSource(shared.encodeSource(text))).toBe(text);
    expect(shared.decodeTarget(shared.encodeTarget(text))).toBe(text);
    expect(shared.encodeSource(text)).toHaveLength([...text].length + 1);
  });

  test("an empty text has a token too, so that there is something to read", () => {
    expect(own.encodeSource("")).toEqual([4]);
    expect(own.encodeTarget("")).toEqual([6, 6]);
    expect(own.decodeTarget([])).toBe("");
  });

  test("a word that was never seen is read as unknown; a character has no stand-in", () => {
    expect(own.encodeSource("the dog sat")).toEqual([0, 2, 3, 4]);
    const message = '"ax", character 2: expected one of the 6 characters the model has seen, got "x".';
    expectError(DataError, () => own.encodeTarget("ax"), message);
  });

  test("tokens have a text each, the end of sequence too", () => {
    expect(own.sourceTokens([0, 1, 4])).toEqual(["the", "cat", "⏎"]);
    expect(own.targetTokens([6, 0, 5])).toEqual(["⏎", "a", "🎉"]);
  });

  test.each([
    ["two vocabularies", own],
    ["one for both sides", shared],
  ])("JSON gives back the same tokenizer: %s", (_, tokenizer) => {
    const json: unknown = JSON.parse(JSON.stringify(tokenizer));
    const again = pairTokenizerFromJSON(PairTokenizerJSON.parse(json));
    expect(again).toEqual(tokenizer);
    if (!(again instanceof EosPairs)) throw new Error("expected EosPairs");
    expect(again.source === again.target).toBe(tokenizer === shared);
    expect(again.encodeTarget("b")).toEqual(tokenizer.encodeTarget("b"));
  });

  test.each([
    ["a longest of nothing", { longest: { source: 0, target: 7 } }, ["longest", "source"]],
    ["a longest without end", { longest: { source: 5, target: 2 ** 40 } }, ["longest", "target"]],
    ["another kind", { type: "padded" }, ["type"]],
    ["no source", { source: null }, ["source"]],
  ])("JSON with %s is refused", (_, change, path) => {
    const json = { ...shared.toJSON(), ...change };
    expect(PairTokenizerJSON.safeParse(json).error?.issues[0]?.path).toEqual(path);
  });
});
