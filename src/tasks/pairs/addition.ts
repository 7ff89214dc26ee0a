import * as z from "zod/mini";
import { checkOptions, describeOption } from "../../engine/check-options.js";
import { OptionError } from "../../engine/errors.js";
import { Random } from "../../engine/random.js";
import { Characters } from "../../text/characters.js";
import { makeFixedCodec, makePairData } from "./fixed-data.js";
import type { Pair, PairData } from "./pairs.js";

/** Options of `addition`. */
export const AdditionOptions = z.object({
  digits: z._default(
    z.int().check(z.minimum(1), z.maximum(9), describeOption("data", "Set the digits of the larger number")),
    3,
  ),
  count: z.optional(
    z
      .int()
      .check(
        z.minimum(2),
        z.maximum(5_000_000),
        describeOption(
          "data",
          "Generate this many questions, a tenth of them for the test",
          "50,000, or all there are",
        ),
      ),
  ),
  seed: z._default(
    z.int().check(z.minimum(0), z.maximum(2 ** 32 - 1), describeOption("data", "Seed all random numbers")),
    1,
  ),
});

/**
 * Sums like `16+75  _91  `: two numbers of one to `digits` digits, each length equally likely. No question occurs twice,
 * not even with its numbers exchanged, so no test question is in the training set.
 */
export function addition(options: z.input<typeof AdditionOptions> = {}): PairData {
  const { digits, count, seed } = checkOptions("addition", AdditionOptions, options);
  const all = (10 ** digits * (10 ** digits + 1)) / 2;
  if (count !== undefined && count > all)
    throw new OptionError(
      `addition: expected at most ${all} questions of ${digits} ${digits === 1 ? "digit" : "digits"}, got ${count}.`,
      "ask for more digits",
    );
  const pairs = draw(digits, count ?? Math.min(50_000, all), all, new Random(seed, 0xadd));
  const held = Math.max(1, Math.round(pairs.length / 10));
  const tokenizer = makeFixedCodec(
    [{ source: " ".repeat(2 * digits + 1), target: "_".repeat(digits + 2) }],
    new Characters([..."0123456789+ _"]),
  );
  return makePairData("addition", tokenizer, pairs.slice(held), pairs.slice(0, held));
}

function draw(digits: number, count: number, all: number, random: Random): Pair[] {
  const pairs = new Map<number, Pair>();
  const add = (a: number, b: number): void => {
    const key = Math.min(a, b) * 10 ** digits + Math.max(a, b);
    if (!pairs.has(key)) pairs.set(key, { source: `${a}+${b}`, target: `_${a + b}` });
  };
  const number = (): number => random.below(10 ** (1 + random.below(digits)));
  while (pairs.size < Math.min(count, 0.8 * all)) add(number(), number());
  if (pairs.size < count) {
    // Few are left, and drawing would seldom hit them: list all there are, and take what is missing in random order.
    const rest: [number, number][] = [];
    for (let a = 0; a < 10 ** digits; a++) for (let b = a; b < 10 ** digits; b++) rest.push([a, b]);
    for (const [a, b] of random.shuffle(rest)) if (pairs.size < count) random.below(2) ? add(a, b) : add(b, a);
  }
  return random.shuffle([...pairs.values()]); // short sums, of which there are few, come early
}
