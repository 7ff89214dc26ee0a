import { describe, expect, test } from "vitest";
import { dates } from "../../../src/tasks/pairs/dates.js";
import { decodePairs, type Pair, type PairData } from "../../../src/tasks/pairs/pairs.js";
import { fixedPairsOf } from "../../helpers/data.js";

const pairsOf = (data: PairData): Pair[] =>
  [data.test, data.train].flatMap((part) => decodePairs(data.tokenizer, part));

/** What JavaScript makes of a question. With points the day stands first, and a year of two digits begins with 70. */
function read(question: string): string {
  const [, day, month, year] = /^(\d+)\.(\d+)\.(\d{4})$/.exec(question) ?? [];
  const text = day ? `${month}/${day}/${year}` : question.replace(/\/(\d\d)$/, (_, y) => `/${+y < 70 ? 20 : 19}${y}`);
  const date = new Date(`${text} UTC`);
  return Number.isNaN(date.getTime()) ? `not a date: ${question}` : `_${date.toISOString().slice(0, 10)}`;
}

describe("dates", () => {
  test("makes 50,000 questions, a tenth of them for the test, as wide as the book's", () => {
    const data = dates();
    const tokenizer = fixedPairsOf(data);
    expect([data.name, data.train.count, data.test.count]).toEqual(["dates", 45_000, 5_000]);
    expect([tokenizer.source.width, tokenizer.target.width]).toEqual([29, 11]);
  });

  test("asks no question twice, and answers all of them as JavaScript reads them", () => {
    const pairs = pairsOf(dates({ count: 20_000, seed: 3 }));
    expect(new Set(pairs.map(({ source: question }) => question)).size).toBe(20_000);
    expect(pairs.filter(({ source: question, target: answer }) => answer !== read(question))).toEqual([]);
  });

  test("a weekday is the day's own", () => {
    const named = pairsOf(dates({ count: 5000 })).filter(({ source: question }) => /day/i.test(question));
    expect(named.length).toBeGreaterThan(500);
    const wrong = named.filter(({ source: question, target: answer }) => {
      const weekday = new Date(`${answer.slice(1)}T00:00Z`).toLocaleDateString("en", {
        weekday: "long",
        timeZone: "UTC",
      });
      return !question.toLowerCase().startsWith(weekday.toLowerCase());
    });
    expect(wrong).toEqual([]);
  });

  test("writes a day in seventeen ways, each about as often, over a hundred years", () => {
    const forms = new Map<string, number>();
    const pairs = pairsOf(dates({ count: 17_000 }));
    for (const { source: question } of pairs) {
      if (/may/i.test(question)) continue; // the one month that is its own abbreviation
      const letters = /[a-z]{2}/.test(question) ? (/[A-Z]/.test(question) ? "Aa" : "a") : "A";
      const form = question.replace(/\d+/g, "0").replace(/[a-z]+/gi, (word) => (word.length === 3 ? "mon" : "word"));
      const key = `${form} ${letters}`;
      forms.set(key, (forms.get(key) ?? 0) + 1);
    }
    expect(forms.size).toBe(17);
    const years = pairs.map(({ target: answer }) => Number(answer.slice(1, 5)));
    expect([Math.min(...years), Math.max(...years)]).toEqual([1970, 2069]);
    for (const count of forms.values()) expect(count).toBeGreaterThan(600);
  });

  test("gives the same bits for the same seed, and other questions for another", () => {
    const [a, b, c] = [1, 1, 2].map((seed) => dates({ count: 1000, seed }));
    expect(a?.train).toEqual(b?.train);
    expect(a?.test).toEqual(b?.test);
    const first = new Set(a ? pairsOf(a).map(({ source: question }) => question) : []);
    expect(c ? pairsOf(c).filter(({ source: question }) => first.has(question)).length : -1).toBeLessThan(20);
  });

  test("holds out at least one question", () => {
    const { train, test: held } = dates({ count: 2 });
    expect([train.count, held.count]).toEqual([1, 1]);
  });
});
