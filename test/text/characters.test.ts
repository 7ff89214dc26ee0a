import { describe, expect, test } from "vitest";
import { DataError } from "../../src/errors.js";
import { Characters } from "../../src/text/characters.js";
import { quote } from "../../src/text/quote.js";
import { expectError } from "../helpers/errors.js";

describe("a vocabulary of characters", () => {
  test("numbers characters in the order in which they first appear", () => {
    const characters = Characters.of(["16+75", "_91", "🎉é"]);
    expect(characters.characters).toEqual(["1", "6", "+", "7", "5", "_", "9", "🎉", "é"]);
    expect(characters.size).toBe(9);
    expect(characters.encode("9🎉1")).toEqual([6, 7, 0]);
  });

  test("reads back what it wrote", () => {
    const characters = Characters.of(["ab 🎉\0\t한"]);
    expect(characters.decode(characters.encode("한🎉 \0a\tb"))).toBe("한🎉 \0a\tb");
    expect(characters.encode("")).toEqual([]);
  });

  test("writes an id that it does not have as a replacement character", () => {
    expect(new Characters(["a"]).decode([0, 1, -1, 0.5])).toBe("a\uFFFD\uFFFD\uFFFD");
  });

  test("names a character that it has never seen, and its place", () => {
    const characters = Characters.of(["12+ "]);
    const known = "the model knows: 1 2 + ␠";
    const message = '"1🎉x", character 2: expected one of the 4 characters the model has seen, got "🎉".';
    expectError(DataError, () => characters.encode("1🎉x"), message, known);
    const hidden = '"1\\u0000", character 2: expected one of the 4 characters the model has seen, got "\\u0000".';
    expectError(DataError, () => characters.encode("1\0"), hidden);
  });

  test("goes through JSON unchanged", () => {
    const characters = Characters.of(["a🎉 "]);
    expect(JSON.parse(JSON.stringify(characters))).toEqual({ type: "characters", characters: ["a", "🎉", " "] });
  });
});

describe("a quoted text", () => {
  test("is cut after 40 characters, never within one", () => {
    expect(quote("a".repeat(40))).toBe(`"${"a".repeat(40)}"`);
    expect(quote("a".repeat(41))).toBe(`"${"a".repeat(40)}…"`);
    expect(quote("🎉".repeat(41))).toBe(`"${"🎉".repeat(40)}…"`);
    expect(quote("")).toBe('""');
  });

  test("holds no control character", () => {
    expect(quote("\u001b[31m\u009b\n\u007fé")).toBe('"\\u001b[31m\\u009b\\u000a\\u007fé"');
  });
});
