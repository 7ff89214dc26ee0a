import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/random.js";
import { grid } from "../../../src/tasks/exercises/exercise.js";
import { programs } from "../../../src/tasks/exercises/programs.js";
import { runInPython, skipWithoutPython } from "../../helpers/python.js";

const drawn = (count: number, nesting: number, length: number, seed = 1) => {
  const random = new Random(seed);
  return Array.from({ length: count }, () => programs.draw({ row: nesting, column: length }, random));
};

describe("programs", () => {
  test.skipIf(skipWithoutPython)("2,025 of all lengths and nestings print in Python 3 what the generator says", () => {
    const { digits, nesting } = programs.most;
    const all = grid(nesting, digits).flatMap(({ row, column }) => drawn(25, row, column, 10 * row + column));
    expect(all.length).toBe(2025);
    expect(runInPython(all.map(({ source }) => source))).toEqual(all.map(({ target }) => `${target}\n`));
  });

  test("with one operation come in five forms, each about as often", () => {
    const forms = new Map<string, number>();
    for (const { source } of drawn(5000, 1, 3)) {
      const form = source
        .replace(/\b[a-wyz]\b/g, "v")
        .replace(/\d+/g, "0")
        .replace(/[-+]/g, "±")
        .replace(/[<>]/, "<")
        .replace(/\((v|0)±(v|0)\)/, (_, a, b) => `(${[a, b].sort().join("±")})`);
      forms.set(form, (forms.get(form) ?? 0) + 1);
    }
    expect([...forms.keys()].sort()).toEqual([
      "print((0 if 0<0 else 0))",
      "print((0*0))",
      "print((0±0))",
      "v=0\nfor x in range(0):v±=0\nprint(v)",
      "v=0\nprint((0±v))",
    ]);
    for (const count of forms.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });

  test("have numbers of up to `length` digits; factors and loops go up to four times the length", () => {
    const sources = drawn(3000, 2, 3).map(({ source }) => source);
    const numbers = (pattern: RegExp): number[] =>
      sources.flatMap((source) => Array.from(source.matchAll(pattern), ([, number]) => Number(number)));
    const all = numbers(/(\d+)/g);
    expect([Math.min(...all), Math.max(...all)]).toEqual([1, 999]);
    const loops = numbers(/range\((\d+)\)/g);
    expect([Math.min(...loops), Math.max(...loops)]).toEqual([1, 12]);
    expect(new Set(loops).size).toBe(12);
  });

  test("nest as deep as they are asked to: each operation takes what the one before made", () => {
    const operations = (source: string): number =>
      source.split("\n").reduce((sum, line) => {
        if (line.startsWith("for")) return sum + 1;
        return sum + (line.match(/[-+*]| if /g)?.length ?? 0);
      }, 0);
    for (const nesting of [1, 2, 5, 9])
      for (const { source } of drawn(200, nesting, 2)) expect([source, operations(source)]).toEqual([source, nesting]);
  });

  test("have only the characters that they are said to have", () => {
    const known = new Set(programs.characters);
    expect(known.size).toBe(programs.characters.length);
    const seen = new Set(drawn(2000, 5, 4).flatMap(({ source, target }) => [...source, ...target]));
    expect([...seen].filter((character) => !known.has(character))).toEqual([]);
  });

  test("that differ in what their variables are called have one key", () => {
    const keys = new Map<string, string>();
    let same = 0;
    for (const { source, target, key } of drawn(3000, 1, 1)) {
      expect(source.replace(/\b[a-wyz]\b/g, "A")).toBe(key);
      const other = keys.get(key);
      if (other !== undefined) {
        expect(target).toBe(other);
        same++;
      }
      keys.set(key, target);
    }
    expect(same).toBeGreaterThan(100);
  });
});
