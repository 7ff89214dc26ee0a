import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { FixedPairs, FixedPairsJSON } from "../../../src/tasks/pairs/text-codec.js";
import { Characters } from "../../../src/text/characters.js";
import { expectError } from "../../helpers/errors.js";

const characters = new Characters([..."0123456789+ _"]);
const tokenizer = new FixedPairs(characters, characters, 5, 4, "_");

describe("pairs of text and pairs of ids", () => {
  test("blanks fill both sides up to their widths, and are taken away again", () => {
    expect(tokenizer.source.encode("1+2")).toEqual([1, 10, 2, 11, 11]);
    for (const answer of ["_3", "3"]) expect(tokenizer.target.encode(answer)).toEqual([12, 3, 11, 11]);
    expect(tokenizer.source.decode([1, 10, 2, 11, 11])).toBe("1+2");
    expect(tokenizer.target.decode([12, 3, 11, 11])).toBe("_3");
    expect(tokenizer.target.withoutFill([3, 11, 3, 11])).toEqual([3, 11, 3]);
    expect(tokenizer.target.start).toBe(12);
  });

  test("only blanks at the end are taken away: no other white space, no blank before a character", () => {
    const spaced = new Characters(["a", " ", "\t", "\u3000"]);
    const pairs = new FixedPairs(spaced, spaced, 4, 4, "a");
    for (const text of [" a", "a\t", "a\u3000", "\u3000", ""])
      expect(pairs.source.decode(pairs.source.encode(text))).toBe(text);
    expect(pairs.target.decode(pairs.target.encode("a\t "))).toBe("a\t");
  });

  test("each side has its own vocabulary", () => {
    const pairs = new FixedPairs(new Characters(["a", " "]), new Characters([" ", "b"]), 2, 2, "b");
    expect(pairs.source.encode("a")).toEqual([0, 1]);
    expect(pairs.target.encode("b")).toEqual([1, 0]);
    expect(pairs.target.start).toBe(1);
  });

  test("a text that is too long is refused, shortened", () => {
    const message = '"123456": expected at most 5 characters, as in training, got 6.';
    expectError(DataError, () => tokenizer.source.encode("123456"), message);
    const long = `"${"1".repeat(40)}…": expected at most 3 characters, as in training, got 1000000.`;
    expectError(DataError, () => tokenizer.target.encode("1".repeat(1_000_000)), long);
  });

  test("a character that was never seen is named in the text as it was given", () => {
    const message = '"1a2", character 2: expected one of the 13 characters the model has seen, got "a".';
    expectError(DataError, () => tokenizer.source.encode("1a2"), message);
  });

  test("a short text is refused where no blank was ever seen", () => {
    const dense = new Characters(["a", "_"]);
    const pairs = new FixedPairs(dense, dense, 2, 2, "_");
    expect(pairs.source.encode("aa")).toEqual([0, 0]);
    const message = '"a": expected 2 characters, as in training, got 1.';
    expectError(DataError, () => pairs.source.encode("a"), message, "no blank");
  });

  test("JSON gives back the same tokenizer", () => {
    const json: unknown = JSON.parse(JSON.stringify(tokenizer));
    const again = FixedPairs.fromJSON(FixedPairsJSON.parse(json));
    expect(again).toEqual(tokenizer);
    expect(again.source.encode("9+9")).toEqual(tokenizer.source.encode("9+9"));
  });
});
