import { describe, expect, test } from "vitest";
import { DataError, quote } from "../../src/engine/errors.js";
import { Characters, CharactersJSON } from "../../src/text/characters.js";
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

  test("names the line too where a text has several, and shows breaks and tabs by signs", () => {
    const characters = Characters.of(["a\n\tb "]);
    const known = "the model knows: a ⏎ ⇥ b ␠";
    const message = (place: string) => `${place}: expected one of the 5 characters the model has seen, got "x".`;
    expectError(DataError, () => characters.encode("ab\nbxa\na"), message('"bxa", line 2, character 2'), known);
    expectError(DataError, () => characters.encode("x\n"), message('"x", line 1, character 1'), known);
  });

  test("goes through JSON unchanged", () => {
    const characters = Characters.of(["a🎉 "]);
    expect(JSON.parse(JSON.stringify(characters))).toEqual({ type: "characters", characters: ["a", "🎉", " "] });
  });
});

describe("a vocabulary of characters with <unk>", () => {
  const characters = Characters.train(["banana bread 뷁"], { size: 5 });

  test("keeps the most frequent in order of first appearance", () => {
    expect(characters.characters).toEqual(["b", "a", "n", " ", "<unk>"]);
  });

  test("reads others as <unk>, which a text shows as U+FFFD", () => {
    expect(characters.encode("a뷁😀b")).toEqual([1, 4, 4, 0]);
    expect(characters.decode([1, 4, 4, 0])).toBe("a\uFFFD\uFFFDb");
    expect([characters.token(4), characters.idOf("<unk>")]).toEqual(["<unk>", 4]);
    expect(characters.encode("<unk>")).toEqual([4, 4, 2, 4, 4]); // five characters like any other
  });

  test("names them where nothing may stand in for another", () => {
    const message = '"a뷁", character 2: expected one of the 5 characters the model has seen, got "뷁".';
    expectError(DataError, () => characters.encodeKnown("a뷁"), message, "b a n ␠ <unk>");
  });
});

describe("a vocabulary of graphemes", () => {
  const family = "👨‍👩‍👧‍👦";
  const graphemes = Characters.train([`e\u0301🇰🇷${family}한`, "e"], { size: 100, unit: "graphemes" });

  test("takes for one character what a reader takes for one", () => {
    expect(graphemes.characters).toEqual(["e\u0301", "🇰🇷", family, "한", "e", "<unk>"]);
    expect(graphemes.encode(`${family}e\u0301ee\u0308`)).toEqual([2, 0, 4, 5]);
    expect(graphemes.decode([2, 1, 0])).toBe(`${family}🇰🇷e\u0301`);
  });

  test("goes through JSON unchanged", () => {
    const json = CharactersJSON.parse(JSON.parse(JSON.stringify(graphemes)));
    expect(json.type).toBe("graphemes");
    expect(Characters.fromJSON(json)).toEqual(graphemes);
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
