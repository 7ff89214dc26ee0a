import { describe, expect, test } from "vitest";
import { OptionError } from "../../../src/engine/errors.js";
import { addition } from "../../../src/tasks/pairs/addition.js";
import { decodePairs, type Pair, type PairData } from "../../../src/tasks/pairs/pairs.js";
import { fixedPairsOf } from "../../helpers/data.js";
import { expectError } from "../../helpers/errors.js";

const pairsOf = (data: PairData): Pair[] =>
  [data.test, data.train].flatMap((part) => decodePairs(data.tokenizer, part));

/** The same for 16+75 and 75+16. */
const keyOf = ({ source: question }: Pair): string => question.split("+").sort().join("+");

describe("addition", () => {
  test("makes 50,000 questions of up to three digits, a tenth of them for the test", () => {
    const data = addition();
    const { name, train, test: held } = data;
    const tokenizer = fixedPairsOf(data);
    expect(name).toBe("addition");
    expect([train.count, held.count]).toEqual([45_000, 5_000]);
    expect([tokenizer.source.width, tokenizer.target.width, tokenizer.source.size]).toEqual([7, 5, 13]);
  });

  test.each([
    { digits: 1 },
    { digits: 2, count: 1000 },
    { digits: 2, count: 5050 },
    { digits: 3 },
    { digits: 3, count: 60_000 },
    { digits: 9, count: 2000 },
  ])("asks no question twice, not even exchanged, and answers all of them: $digits digits, $count", (options) => {
    const pairs = pairsOf(addition(options));
    expect(pairs).toHaveLength(options.count ?? (options.digits === 1 ? 55 : 50_000));
    expect(new Set(pairs.map(keyOf)).size).toBe(pairs.length);
    const form = new RegExp(`^\\d{1,${options.digits}}\\+\\d{1,${options.digits}}$`);
    const wrong = pairs.filter(({ source: question, target: answer }) => {
      const [a = 0, b = 0] = question.split("+").map(Number);
      return !form.test(question) || question !== `${a}+${b}` || answer !== `_${a + b}`;
    });
    expect(wrong).toEqual([]);
  });

  test("uses short numbers, long ones, and either order", () => {
    const questions = pairsOf(addition({ count: 5000 })).map(({ source: question }) => question.split("+"));
    for (const place of [0, 1])
      for (const digits of [1, 2, 3])
        expect(questions.filter((numbers) => numbers[place]?.length === digits).length).toBeGreaterThan(1000);
    // All sums of two digits, of which 100 have no order: the spread of a fair share of the rest is 0.7 %.
    const all = pairsOf(addition({ digits: 2, count: 5050 })).map(({ source: question }) =>
      question.split("+").map(Number),
    );
    const falling = all.filter(([a = 0, b = 0]) => a > b).length;
    expect(falling / 4950).toBeGreaterThan(0.47);
    expect(falling / 4950).toBeLessThan(0.53);
  });

  test("fills question and answer with blanks", () => {
    const data = addition({ digits: 3, count: 1000 });
    const { source, target } = fixedPairsOf(data);
    const { train } = data;
    for (let r = 0; r < train.count; r++) {
      const question = source.tokenizer.decode(train.sources.row(r));
      const answer = target.tokenizer.decode(train.targets.row(r));
      expect(`${question}${answer}`).toMatch(/^(?=.{7}_)\d+\+\d+ *_\d+ *$/);
    }
  });

  test("gives the same bits for the same seed, and other questions for another", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => addition({ digits: 3, count: 1000, seed }));
    expect(a?.train).toEqual(b?.train);
    expect(a?.test).toEqual(b?.test);
    const first = new Set(a ? pairsOf(a).map(keyOf) : []);
    const shared = c ? pairsOf(c).filter((pair) => first.has(keyOf(pair))) : [];
    expect(shared.length).toBeLessThan(150);
  });

  test("holds out at least one question", () => {
    const { train, test: held } = addition({ digits: 1, count: 2 });
    expect([train.count, held.count]).toEqual([1, 1]);
  });

  test("says how many questions there are when asked for more", () => {
    const message = "addition: expected at most 5050 questions of 2 digits, got 5051.";
    expectError(OptionError, () => addition({ digits: 2, count: 5051 }), message, "more digits");
    expect(pairsOf(addition({ digits: 2, count: 5050 }))).toHaveLength(5050);
    const one = "addition: expected at most 55 questions of 1 digit, got 56.";
    expectError(OptionError, () => addition({ digits: 1, count: 56 }), one);
  });
});
