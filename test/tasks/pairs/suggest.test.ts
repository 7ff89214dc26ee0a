import { describe, expect, test } from "vitest";
import { pairSettings } from "../../../src/tasks/pairs/pair-options.js";
import type { Pair } from "../../../src/tasks/pairs/pairs.js";
import { suggestSettings } from "../../../src/tasks/pairs/suggest.js";

const repeat = (count: number, make: (i: number) => Pair): Pair[] => Array.from({ length: count }, (_, i) => make(i));

describe("settings that the data suggest", () => {
  test("short lines are cut into characters, few different words into words: spelling and phonemes", () => {
    const phonemes = ["AE", "B", "IY", "K", "T"];
    const pairs = repeat(900, (i) => ({
      source: `word${i}`,
      target: [0, 1, 2, 3].map((j) => phonemes[(i + j * j) % 5] ?? "").join(" "),
    }));
    const { changes, describe: words } = suggestSettings(pairs, 900);
    expect(changes).toMatchObject({
      tokenizer: "characters",
      targetTokenizer: "words",
      shareVocab: false,
      tieWeights: "none",
    });
    const chosen = pairSettings({ seed: 1 }, { preset: "text", changes });
    expect(words(chosen)).toBe(
      "sources as characters (short, 7 characters in the mean); targets as words (few different ones, 9 characters in the mean); H 128, D 64, 60 epochs for 900 pairs",
    );
    expect(words({ ...chosen, targetTokenizer: "bpe", hiddenSize: 9 })).toContain(
      "targets as bpe (9 characters in the mean); H 9, ",
    );
  });

  test("long lines are cut into parts of words, in one vocabulary for both sides", () => {
    const line = (i: number) => `a sentence of some length, number ${i}, with words ${i * 7} and ${i * 11}`;
    const pairs = repeat(500, (i) => ({ source: line(i), target: line(i + 1) }));
    const { changes } = suggestSettings(pairs, 60_000);
    expect(changes).toMatchObject({
      tokenizer: "bpe",
      targetTokenizer: "bpe",
      shareVocab: true,
      tieWeights: "all",
      hiddenSize: 256,
      batchSize: 128,
    });
  });

  test("more pairs get a larger model and fewer epochs, of about as many steps", () => {
    const pair = { source: "some words that are long enough", target: "other words that are long enough" };
    const of = (count: number) => suggestSettings([pair], count).changes;
    expect([1000, 20_000, 200_000].map((count) => of(count).hiddenSize)).toEqual([128, 256, 256]);
    for (const count of [4000, 20_000, 60_000]) {
      const { epochs = 0, batchSize = 1 } = of(count);
      expect((epochs * count) / batchSize).toBeGreaterThan(5000);
      expect((epochs * count) / batchSize).toBeLessThan(7600);
    }
    expect(of(10_000_000).epochs).toBe(6);
  });

  test("every character has room in the vocabulary, of a script with thousands of them too", () => {
    const pairs = repeat(500, (i) => ({ source: String.fromCodePoint(0x4e00 + 3 * i, 0x4e01 + 3 * i), target: "x" }));
    expect(suggestSettings(pairs, 500).changes.vocabSize).toBeGreaterThan(1001);
    const long = repeat(900, (i) => ({
      source: String.fromCodePoint(0x4e00 + i),
      target: "a long line of english words",
    }));
    expect(suggestSettings(long, 900).changes.vocabSize).toBeGreaterThan(900);
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
