import * as z from "zod/mini";
import { describeOption } from "../../engine/check-options.js";
import { Random } from "../../engine/random.js";
import { Characters } from "../../text/characters.js";
import { makeFixedCodec, makePairData } from "./fixed-data.js";
import type { Pair, PairData } from "./pairs.js";

/** Options of `dates`. */
export const DatesOptions = z.object({
  count: z._default(
    z
      .int()
      .check(
        z.minimum(2),
        z.maximum(500_000),
        describeOption("data", "Generate this many questions, a tenth of them for the test"),
      ),
    50_000,
  ),
  seed: z._default(
    z.int().check(z.minimum(0), z.maximum(2 ** 32 - 1), describeOption("data", "Seed all random numbers")),
    1,
  ),
});

const months = "January February March April May June July August September October November December".split(" ");
const weekdays = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

interface Day {
  readonly weekday: string;
  readonly day: number;
  readonly month: number;
  readonly name: string;
  readonly year: number;
}

const worded: readonly ((day: Day) => string)[] = [
  ({ name, day, year }) => `${name} ${day}, ${year}`,
  ({ name, day, year }) => `${name.slice(0, 3)} ${day}, ${year}`,
  ({ name, day, year }) => `${day} ${name} ${year}`,
  ({ name, day, year }) => `${day} ${name.slice(0, 3)} ${year}`,
  ({ weekday, name, day, year }) => `${weekday}, ${name} ${day}, ${year}`,
];
const cases: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toLowerCase(),
  (text) => text.toUpperCase(),
];
/** All ways to write a day: with slashes the month stands first, with points the day. */
const spellings: readonly ((day: Day) => string)[] = [
  ...worded.flatMap((write) => cases.map((change) => (day: Day) => change(write(day)))),
  ({ day, month, year }) => `${month}/${day}/${twoDigits(year % 100)}`,
  ({ day, month, year }) => `${day}.${month}.${year}`,
];

const MS_A_DAY = 86_400_000;
/** 1970 to 2069, a hundred years, so that the last two digits of a year tell it. */
const DAYS = 36_525;
/** Of the longest: Wednesday, September 30, 1970. */
const WIDEST = 29;

/**
 * Dates as people write them, and as ISO 8601 writes them: `Sep 27, 1994 _1994-09-27`. No question occurs twice, so nothing
 * of the test set is in the training set, though the same day may be, in another spelling.
 */
export function dates(options: z.input<typeof DatesOptions> = {}): PairData {
  const { count, seed } = z.parse(DatesOptions, options);
  const random = new Random(seed, 0xda7e);
  const answers = new Map<string, string>();
  while (answers.size < count) {
    const day = dayAt(random.below(DAYS));
    const question = spellings[random.below(spellings.length)]?.(day) ?? "";
    answers.set(question, `_${day.year}-${twoDigits(day.month)}-${twoDigits(day.day)}`);
  }
  const pairs = Array.from(answers, ([source, target]): Pair => ({ source, target }));
  const held = Math.max(1, Math.round(count / 10));
  const letters = "abcdefghijklmnopqrstuvwxyz";
  const tokenizer = makeFixedCodec(
    [{ source: " ".repeat(WIDEST), target: "_".repeat("_1970-01-01".length) }],
    new Characters([...`0123456789-_ ,./${letters}${letters.toUpperCase()}`]),
  );
  return makePairData("dates", tokenizer, pairs.slice(held), pairs.slice(0, held));
}

/** @param days since January 1, 1970 */
function dayAt(days: number): Day {
  const date = new Date(days * MS_A_DAY);
  const month = date.getUTCMonth();
  return {
    weekday: weekdays[date.getUTCDay()] ?? "",
    day: date.getUTCDate(),
    month: month + 1,
    name: months[month] ?? "",
    year: date.getUTCFullYear(),
  };
}

function twoDigits(n: number): string {
  return String(n).padStart(2, "0");
}
