import { describe, expect, test } from "vitest";
import { DataError, OptionError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { BytePair, BytePairJSON } from "../../src/text/byte-pair.js";
import { expectError } from "../helpers/errors.js";
import { scripts } from "../helpers/scripts.js";

/** The words of Sennrich, Haddow & Birch 2016, figure 1, each as often as there, with a blank before it. */
const words = { " low": 5, " lower": 2, " newest": 6, " widest": 3 };
const sennrich = Object.entries(words).map(([word, count]) => word.repeat(count));

function pieces(tokenizer: BytePair, text: string): string[] {
  return tokenizer.encode(text).map((id) => tokenizer.token(id));
}

function learned(tokenizer: BytePair): string[] {
  const first = 256 + [...tokenizer.toJSON().characters].length;
  return Array.from({ length: tokenizer.size - first }, (_, i) => tokenizer.token(first + i));
}

describe("byte-pair encoding learns", () => {
  /**
   * By hand. The characters by id, in order of appearance: blank l o w e r n s t i d. Pairs: blank+l l+o o+w 7 each,
   * w+e 8, e+r 2, blank+n n+e e+w 6 each, e+s s+t 9 each, blank+w w+i i+d d+e 3 each. The most frequent pair is merged;
   * of equally frequent ones that of the smaller first id, then of the smaller second.
   */
  const merges = [
    ...["es", "est"], // 9: e+s stands before s+t; then es+t
    ...[" l", "ow", " low"], // 7: blank+l, then o+w before " l"+o, as " l" is a later token than o
    ...[" n", "west", "ewest", " newest"], // 6
    ...[" w", "id", " wid", " widest"], // 3
    ...["er", " lower"], // 2: " low" is a later token than e
  ];

  test("the merges of the example of Sennrich et al., worked out by hand, until no pair occurs twice", () => {
    const tokenizer = BytePair.train(sennrich, { size: 1000 });
    expect(tokenizer.toJSON().characters).toBe(" lowernstid");
    expect(learned(tokenizer)).toEqual(merges);
    expect(tokenizer.size).toBe(256 + 11 + 15);
    expect(tokenizer.toJSON().merges.slice(0, 4)).toEqual([260, 263, 267, 264]);
  });

  test("no more tokens than it is allowed", () => {
    const tokenizer = BytePair.train(sennrich, { size: 256 + 11 + 5 });
    expect(learned(tokenizer)).toEqual(merges.slice(0, 5));
    const characters = BytePair.train(sennrich, { size: 256 + 3 });
    expect(characters.toJSON().characters).toBe(" we"); // 16, 16 and 17 times
    expect(learned(characters)).toEqual([]);
  });

  test("parts from which it makes a word it has never seen", () => {
    const tokenizer = BytePair.train(sennrich, { size: 1000 });
    expect(pieces(tokenizer, " lowest newer")).toEqual([" low", "est", " n", "e", "w", "er"]);
  });

  test("what counting all pairs anew for each merge would learn", () => {
    const random = new Random(7);
    for (let round = 0; round < 20; round++) {
      const letters = round % 2 === 0 ? "ab" : "abcdé한";
      const word = (): string => {
        const length = 1 + random.below(8);
        return Array.from({ length }, () => [...letters][random.below([...letters].length)]).join("");
      };
      const texts = Array.from({ length: 30 }, () => `${word()} ${word()}`);
      expect(learned(BytePair.train(texts, { size: 300 }))).toEqual(learnNaively(texts, 300));
    }
  });

  test("the same from the same texts, read once", () => {
    function* once(): Generator<string, void> {
      yield* sennrich;
    }
    const json = JSON.stringify(BytePair.train(once(), { size: 280 }));
    expect(json).toBe(JSON.stringify(BytePair.train(sennrich, { size: 280 })));
  });

  test("small letters only, where it is told so", () => {
    const tokenizer = BytePair.train(["Ärger ÄRGER ärger"], { size: 300, lowercase: true });
    expect(tokenizer.decode(tokenizer.encode("ÄRGER Ärger"))).toBe("ärger ärger");
    expect(tokenizer.encode("ÄRGER")).toEqual(tokenizer.encode("ärger"));
    expect(tokenizer.toJSON().lowercase).toBe(true);
  });

  test("nothing with a vocabulary of bytes alone", () => {
    const message = "BytePair.train: size: expected a vocabulary of 257 to 2000000 tokens, got 256.";
    expectError(OptionError, () => BytePair.train(["a"], { size: 256 }), message, "256 of the tokens are bytes");
    expect(BytePair.train([], { size: 1000 }).size).toBe(256);
  });
});

describe("byte-pair encoding cuts", () => {
  const tokenizer = BytePair.train(
    ["the cats, 2024: the cats!  Die Häuser\n\n\tdie Häuser…"].flatMap((x) => [x, x, x]),
    {
      size: 1000,
    },
  );

  test("before a word with its blank, and between letters, digits and anything else", () => {
    expect(pieces(tokenizer, "the cats, 2024: the cats!")).toEqual([
      "the",
      " cats",
      ",",
      " 2024",
      ":",
      " the",
      " cats",
      "!",
    ]);
    expect(pieces(tokenizer, "the  cats\n\n\tdie")).toEqual(["the", " ", " cats", "\n\n", "\t", "die"]);
  });

  test("a token never goes beyond a piece", () => {
    for (const token of learned(tokenizer)) expect(token).toMatch(/^(?: ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+)$/u);
  });
});

describe("what is encoded is decoded to the letter", () => {
  const trained = [
    BytePair.train(Object.values(scripts), { size: 2000 }),
    BytePair.train(Object.values(scripts), { size: 270 }),
    BytePair.train([], { size: 1000 }),
  ];

  test.each(Object.entries(scripts))("%s", (_, text) => {
    for (const tokenizer of trained) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
  });

  test("any string; half of a surrogate pair comes back as U+FFFD", () => {
    const random = new Random(3);
    const ranges = [0x80, 0x250, 0x3000, 0xd7a4, 0x10000, 0x110000];
    for (let i = 0; i < 500; i++) {
      const length = random.below(40);
      const codes = Array.from({ length }, () => random.below(ranges[random.below(ranges.length)] ?? 1));
      const text = codes.map((code) => String.fromCodePoint(code)).join("");
      for (const tokenizer of trained)
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.replace(/\p{Cs}/gu, "\uFFFD"));
    }
    for (const half of ["\ud83d", "a\udc00b", "\udc00\ud800"])
      expect(trained[0]?.decode(trained[0].encode(half))).toBe(half.replace(/[\ud800-\udfff]/g, "\uFFFD"));
  });

  test("a character of which training has seen too little is its UTF-8 bytes", () => {
    const text = "가나다라 ".repeat(2000);
    const tokenizer = BytePair.train([text, "뷁"], { size: 300 }); // 뷁 is one in 10,001: not within 99.95%
    expect(tokenizer.toJSON().characters).toBe("가나다라 ");
    expect(pieces(tokenizer, "가뷁")).toEqual(["가", "<0xEB>", "<0xB7>", "<0x81>"]);
    expect(tokenizer.encode("뷁")).toEqual([0xeb, 0xb7, 0x81]);
    expect(tokenizer.decode([0xeb, 0xb7])).toBe("\uFFFD");
    expect(tokenizer.decode([0xeb, 0xb7, 0x81, 256])).toBe("뷁가");
    expect(tokenizer.decode([256, -1, 1e9])).toBe("가\uFFFD\uFFFD");
  });

  test("a line of a million characters, whatever they are", () => {
    const [tokenizer] = trained;
    for (const part of ["a", " ", "한", "!?", "a-", "e\u0301", "👩\u200d", "\n"]) {
      const text = part.repeat(1_000_000 / part.length);
      expect(tokenizer?.decode(tokenizer.encode(text)) === text).toBe(true);
    }
  }, 30_000);
});

describe("the tokens of a byte-pair encoding", () => {
  const tokenizer = BytePair.train(Object.values(scripts), { size: 2000 });

  test("are all different, and found again", () => {
    const ids = Array.from({ length: tokenizer.size }, (_, id) => id);
    expect(ids.map((id) => tokenizer.idOf(tokenizer.token(id)))).toEqual(ids);
  });

  test("are named where there is none: the nearest ones", () => {
    const small = BytePair.train(sennrich, { size: 1000 });
    const message = '" nearest": expected one of the 282 tokens the model knows, got another.';
    expectError(DataError, () => small.idOf(" nearest"), message, 'near it: " newest"');
  });

  test("go through JSON unchanged", () => {
    const again = BytePair.fromJSON(BytePairJSON.parse(JSON.parse(JSON.stringify(tokenizer))));
    for (const text of Object.values(scripts)) expect(again.encode(text)).toEqual(tokenizer.encode(text));
    expect(JSON.stringify(again)).toBe(JSON.stringify(tokenizer));
  });

  test("are refused in a damaged file", () => {
    const good = { type: "bpe", characters: "abc", merges: [256, 257, 259, 258] };
    const doubling = Array.from({ length: 40 }, (_, i) => (i === 0 ? [256, 256] : [258 + i, 258 + i])).flat();
    expect(BytePairJSON.safeParse(good).success).toBe(true);
    for (const damaged of [
      { ...good, characters: "aba" },
      { ...good, characters: "ab\ud800" },
      { ...good, merges: [256] },
      { ...good, merges: [256, 259] }, // of itself
      { ...good, merges: [65, 256] }, // of a byte
      { ...good, merges: [256, 257, 256, 257] },
      { ...good, merges: [256, 257.5] },
      { ...good, merges: [-1, 256] },
      { ...good, merges: [256, 2 ** 21 + 1] },
      { ...good, merges: doubling },
      { ...good, merges: "256,257" },
    ])
      expect(BytePairJSON.safeParse(damaged).success, JSON.stringify(damaged).slice(0, 80)).toBe(false);
    const message = "BytePair.fromJSON: expected merges of earlier tokens, got others.";
    expectError(DataError, () => BytePair.fromJSON({ type: "bpe", characters: "a", merges: [256, 257] }), message);
  });
});

/** The plain reference of learnMerges for texts of letters and blanks: every pair is counted again for every merge. */
function learnNaively(texts: readonly string[], size: number): string[] {
  const tokens = [...new Set(texts.join(""))];
  const characters = tokens.length;
  const pieces = texts.flatMap((text) => text.match(/ ?\S+/gu) ?? []).map((piece) => [...piece]);
  while (tokens.length + 256 < size) {
    const counts = new Map<number, number>();
    for (const piece of pieces)
      for (let i = 1; i < piece.length; i++) {
        const pair = 1000 * tokens.indexOf(piece[i - 1] ?? "") + tokens.indexOf(piece[i] ?? "");
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    const [[best, count] = [0, 0]] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    if (count < 2) break;
    const [left, right] = [tokens[Math.floor(best / 1000)], tokens[best % 1000]];
    for (const piece of pieces)
      for (let i = 1; i < piece.length; i++)
        if (piece[i - 1] === left && piece[i] === right) piece.splice(i - 1, 2, `${left}${right}`);
    if (!tokens.includes(`${left}${right}`)) tokens.push(`${left}${right}`);
  }
  return tokens.slice(characters);
}
