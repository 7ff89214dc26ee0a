// Shared by summaries.mjs, questions.mjs and mails.mjs: fills sentences with slots to make pairs.
import { Random } from "seqloom";

/** All integers of a range, including both ends. */
export const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Blocks of lines, separated by blank lines. */
export const readBlocks = (text) =>
  text
    .trim()
    .split("\n\n")
    .map((block) => block.split("\n"));

/**
 * Prints pairs with different sources, a line each: source, tab, target. How many, and from which seed, are the
 * program's two arguments.
 *
 * `makePair(pick, fill)` returns a source and its target. `pick(list)` draws from a list. `fill(template)` puts a word
 * of `words.person` in the place of `{person}`, another in that of `{person2}`. Within a pair a slot keeps its word,
 * and no other slot has the same. `fill(template, 1)` has slots of its own.
 */
export function printPairs(words, makePair) {
  const [count = 30_000, seed = 1] = process.argv.slice(2).map(Number);
  const random = new Random(seed);
  const pick = (list) => list[random.below(list.length)];
  const pairs = new Map();
  while (pairs.size < count) {
    const slots = {};
    const draw = (kind) => {
      const word = pick(words[kind]);
      return Object.values(slots).includes(word) ? draw(kind) : word;
    };
    const fill = (template, part = 0) =>
      template.replace(/\{([a-z]+)\d?\}/g, (slot, kind) => {
        slots[slot + part] ??= draw(kind);
        return slots[slot + part];
      });
    const [source, target] = makePair(pick, fill);
    pairs.set(source, target);
  }
  for (const [source, target] of pairs) console.log(`${source}\t${target}`);
}
