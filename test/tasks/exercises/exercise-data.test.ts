import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/random.js";
import { type ExerciseOptions, exerciseData } from "../../../src/tasks/exercises/exercise-data.js";
import { exercises } from "../../../src/tasks/exercises/exercises.js";
import type { PairSet } from "../../../src/tasks/pairs/pairs.js";
import { expectError } from "../../helpers/errors.js";

const options: ExerciseOptions = { target: { digits: 2, nesting: 2 }, curriculum: "mixed", seed: 1 };
const data = exerciseData("programs", exercises.programs, options);
const { tokenizer, train, valid, test: held, stream } = data;

/** Training pairs as texts. */
const drawn = (count: number, done = 0, from = stream): string[] => {
  const random = new Random(8);
  return Array.from({ length: count }, () => {
    const { source, target } = from?.draw(done, random) ?? { source: [], target: [] };
    return `${tokenizer.source.decode(source)} → ${tokenizer.target.decode(target)}`;
  });
};

/** With all variables of one name: programs that differ in no more are the same. */
const plain = (source: string): string => source.replace(/\b[a-wyz]\b/g, "v");

describe("exercises without end", () => {
  test("are never those that are held out, however they are called", () => {
    const sources = (texts: readonly { source: string }[] = []) => new Set(texts.map(({ source }) => plain(source)));
    const [validated, tested] = [sources(valid?.texts), sources(held.texts)];
    expect([...validated].filter((source) => tested.has(source))).toEqual([]);
    const trained = new Set(drawn(30_000).map((text) => plain(text.split(" → ")[0] ?? "")));
    expect([...trained].filter((source) => validated.has(source) || tested.has(source))).toEqual([]);
  });

  test("have a test of equally many for each cell, and validation as hard as the target", () => {
    expect([valid?.count, held.count, train.count]).toEqual([1000, 5000, 5000]);
    expect([held.grid?.row, held.grid?.column]).toEqual(["nesting", "digits"]);
    const cells = held.grid?.cells.map(({ row, column }) => `${row}.${column}`) ?? [];
    const counts = ["1.1", "1.2", "2.1", "2.2"].map((name) => cells.filter((cell) => cell === name).length);
    expect(counts).toEqual([1250, 1250, 1250, 1250]);
    const longest = (row: number): number =>
      Math.max(...(held.texts?.[row]?.source.match(/\d+/g) ?? []).map((digits) => digits.length));
    const short = cells.flatMap((cell, row) => (cell.endsWith(".1") ? [longest(row)] : []));
    expect(Math.max(...short)).toBe(1);
    const operations = (valid?.texts ?? []).map(({ source }) => source.match(/[-+*]| if |range/g)?.length ?? 0);
    expect(Math.min(...operations)).toBe(2);
  });

  test("are of the difficulty that the curriculum says", () => {
    const naive = exerciseData("programs", exercises.programs, { ...options, curriculum: "naive" }).stream;
    const digits = (texts: string[]): number =>
      Math.max(...texts.flatMap((text) => text.match(/\d+(?=.* →)/g) ?? []).map(Number));
    expect(digits(drawn(200, 0, naive))).toBeLessThan(10);
    expect(digits(drawn(200, 1, naive))).toBeGreaterThan(90);
    expect(naive?.id).not.toBe(stream?.id);
  });

  test("are the same for a seed, and others for another", () => {
    const same = exerciseData("programs", exercises.programs, options);
    const whole = (...sets: (PairSet | undefined)[]): string => sets.map((set) => set?.sources.ids.join()).join();
    expect(whole(same.train, same.valid, same.test)).toBe(whole(train, valid, held)); // as one string: lists are slow
    expect(drawn(100, 0.5, same.stream)).toEqual(drawn(100, 0.5));
    const other = exerciseData("programs", exercises.programs, { ...options, seed: 2 });
    expect(other.test.texts?.slice(0, 5)).not.toEqual(held.texts?.slice(0, 5));
  });

  test("where a cell has few, all of its test part are there, each once", () => {
    const sums = exerciseData("addition", exercises.addition, { ...options, target: { digits: 2, nesting: 1 } });
    const short = sums.test.texts?.filter(({ source }) => source.length === 3).map(({ source }) => source) ?? [];
    expect(new Set(short).size).toBe(short.length);
    expect(short.length).toBeGreaterThan(1);
    expect(short.length).toBeLessThan(25); // a tenth of a hundred
    for (const sum of short) expect(short).toContain([...sum].reverse().join(""));
  });

  test("are refused where none can be held out", () => {
    // Ten digits; by this seed none is held out for the test.
    expectError(
      DataError,
      () => exerciseData("copy", exercises.copy, { target: { digits: 1, nesting: 1 }, curriculum: "none", seed: 1 }),
      "copy: expected exercises for each part, got none for test.",
      "ask for longer ones",
    );
  });
});
