import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { EosPairs, TextCodecJSON, textCodecFromJSON } from "../../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../../src/text/characters.js";
import { Words } from "../../../src/text/words.js";
import { expectError } from "../../helpers/errors.js";

const letters = new Characters([..."ab cé🎉"]);
const words = new Words(["the", "cat", "<unk>", "sat"]);
const longest = { source: 5, target: 7 };
const own = new EosPairs(words, letters, longest);
const shared = new EosPairs(letters, letters, longest);

describe("pairs with a mark", () => {
  test("a source ends with the mark, and a target stands between two", () => {
    expect(own.source.encode("the cat")).toEqual([0, 1, 4]);
    expect(own.target.encode("a b")).toEqual([6, 0, 2, 1, 6]);
    expect([own.target.start, own.target.end, own.source.size, own.target.size]).toEqual([6, 6, 5, 7]);
    expect({ source: own.source.longest, target: own.target.longest }).toEqual(longest);
  });

  test.each(["", " ", "a", "  a ", "é🎉", "ab ".repeat(1000)])("a text comes back as it was: %o", (text) => {
    expect(shared.source.decode(shared.source.encode(text))).toBe(text);
    expect(shared.target.decode(shared.target.encode(text))).toBe(text);
    expect(shared.source.encode(text)).toHaveLength([...text].length + 1);
  });

  test("an empty text has a token too, so that there is something to read", () => {
    expect(own.source.encode("")).toEqual([4]);
    expect(own.target.encode("")).toEqual([6, 6]);
    expect(own.target.decode([])).toBe("");
  });

  test("a word that was never seen is read as unknown; a character has no stand-in", () => {
    expect(own.source.encode("the dog sat")).toEqual([0, 2, 3, 4]);
    const message = '"ax", character 2: expected one of the 6 characters the model has seen, got "x".';
    expectError(DataError, () => own.target.encode("ax"), message);
  });

  test("tokens have a text each, the mark too", () => {
    expect(own.source.tokens([0, 1, 4])).toEqual(["the", "cat", "⏎"]);
    expect(own.target.tokens([6, 0, 5])).toEqual(["⏎", "a", "🎉"]);
  });

  test.each([
    ["two vocabularies", own],
    ["one for both sides", shared],
  ])("JSON gives back the same tokenizer: %s", (_, tokenizer) => {
    const json: unknown = JSON.parse(JSON.stringify(tokenizer));
    const again = textCodecFromJSON(TextCodecJSON.parse(json));
    expect(again).toEqual(tokenizer);
    if (!(again instanceof EosPairs)) throw new Error("expected EosPairs");
    expect(again.source.tokenizer === again.target.tokenizer).toBe(tokenizer === shared);
    expect(again.target.encode("b")).toEqual(tokenizer.target.encode("b"));
  });

  test.each([
    ["a longest of nothing", { longest: { source: 0, target: 7 } }, ["longest", "source"]],
    ["a longest without end", { longest: { source: 5, target: 2 ** 40 } }, ["longest", "target"]],
    ["another kind", { type: "padded" }, ["type"]],
    ["no source", { source: null }, ["source"]],
  ])("JSON with %s is refused", (_, change, path) => {
    const json = { ...shared.toJSON(), ...change };
    expect(TextCodecJSON.safeParse(json).error?.issues[0]?.path).toEqual(path);
  });
});
