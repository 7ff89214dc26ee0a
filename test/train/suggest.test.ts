import { describe, expect, test } from "vitest";
import type { TextPair } from "../../src/data/pair-formats.js";
import { suggestSettings } from "../../src/train/suggest.js";

const repeat = (count: number, make: (i: number) => TextPair): TextPair[] =>
  Array.from({ length: count }, (_, i) => make(i));

describe("settings that the data suggest", () => {
  test("short lines are cut into characters, few different words into words: spelling and phonemes", () => {
    const phonemes = ["AE", "B", "IY", "K", "T"];
    const pairs = repeat(900, (i) => ({
      source: `word${i}`,
      target: [0, 1, 2, 3].map((j) => phonemes[(i + j * j) % 5] ?? "").join(" "),
    }));
    const { changes, reason } = suggestSettings(pairs, 900);
    expect(changes).toMatchObject({ tokens: "characters", targetTokens: "words", shared: false, tied: "no" });
    expect(reason).toBe(
      "sources as characters (short: 7 characters in the mean); targets as words (of few different words: 9 characters); H 128, D 64, 60 epochs for 900 pairs",
    );
  });

  test("long lines are cut into parts of words, in one vocabulary for both sides", () => {
    const line = (i: number) => `a sentence of some length, number ${i}, with words ${i * 7} and ${i * 11}`;
    const pairs = repeat(500, (i) => ({ source: line(i), target: line(i + 1) }));
    const { changes } = suggestSettings(pairs, 60_000);
    expect(changes).toMatchObject({
      tokens: "bpe",
      targetTokens: "bpe",
      shared: true,
      tied: "all",
      hidden: 256,
      batch: 128,
    });
  });

  test("more pairs get a larger model and fewer epochs, of about as many updates", () => {
    const pair = { source: "some words that are long enough", target: "other words that are long enough" };
    const of = (count: number) => suggestSettings([pair], count).changes;
    expect([1000, 20_000, 200_000].map((count) => of(count).hidden)).toEqual([128, 256, 256]);
    for (const count of [4000, 20_000, 60_000]) {
      const { epochs = 0, batch = 1 } = of(count);
      expect((epochs * count) / batch).toBeGreaterThan(5000);
      expect((epochs * count) / batch).toBeLessThan(7600);
    }
    expect(of(10_000_000).epochs).toBe(6);
  });

  test("only the first pairs are looked at, whatever their number", () => {
    let seen = 0;
    const pairs = (function* () {
      for (;;) yield { source: `source ${seen++}`, target: "target" };
    })();
    suggestSettings(pairs, 1e9);
    expect(seen).toBeLessThanOrEqual(20_001);
  });
});
