import { describe, expect, test } from "vitest";
import { splitGraphemes } from "../../src/text/characters.js";
import { scripts } from "../helpers/scripts.js";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const plain = (text: string): string[] => Array.from(segmenter.segment(text), ({ segment }) => segment);

describe("the graphemes of a text", () => {
  test("are what a reader takes for one character", () => {
    expect(splitGraphemes("e\u0301👨‍👩‍👧‍👦🇰🇷🇩🇪한\r\na")).toEqual([
      "e\u0301",
      "👨‍👩‍👧‍👦",
      "🇰🇷",
      "🇩🇪",
      "한",
      "\r\n",
      "a",
    ]);
    expect(splitGraphemes("")).toEqual([]);
  });

  test("do not depend on where a long text is cut to be read", () => {
    for (const text of Object.values(scripts))
      for (let shift = 0; shift < 12; shift++) {
        const long = "x".repeat(990 + shift) + text + "y".repeat(950) + text;
        expect(splitGraphemes(long)).toEqual(plain(long));
      }
    const flags = `a${"🇰🇷🇩🇪".repeat(400)}`;
    expect(splitGraphemes(flags)).toEqual(plain(flags));
    const tower = `o${"\u0301".repeat(5000)}ok`;
    expect(splitGraphemes(tower).map((grapheme) => grapheme.length)).toEqual([5001, 1, 1]);
  });

  test("are found in a line of a million characters", () => {
    expect(splitGraphemes("🇰🇷".repeat(250_000)).length).toBe(250_000);
    expect(splitGraphemes(`a${"\u0301".repeat(1_000_000)}`).length).toBe(1);
  }, 20_000);
});
