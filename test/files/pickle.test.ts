import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readPickle } from "../../src/files/pickle.js";
import {
  array,
  asArray,
  asList,
  asMap,
  book,
  described,
  expected,
  fixture,
  isMissing,
  recorded,
  run,
  sha256,
} from "../helpers/pickle.js";

describe.each(recorded)("%s", (name) => {
  const all = asMap(readPickle(fixture(name)));
  const arrays = asMap(all.get("arrays"));

  test("holds arrays of three types, two byte orders and two memory orders", () => {
    expect(arrays.size).toBe(12);
    for (const type of ["f2", "f4", "f8"] as const)
      for (const order of ["< C", "< F", "> C", "> F"])
        expect(described(arrays.get(`${type} ${order}`)), `${type} ${order}`).toEqual(expected.arrays[type]);
  });

  test("holds an empty array, a single number, a transposed and a strided one", () => {
    for (const [name, array] of asMap(all.get("odd"))) expect(described(array), name).toEqual(expected.odd[name]);
  });

  test("holds the same array in lists, tuples and dicts, once in memory", () => {
    const [first, last] = [arrays.get("f2 < C"), arrays.get("f8 > F")];
    const nested = all.get("nested");
    expect(nested).toEqual([
      first,
      [last, [first, []], []],
      new Map<string, unknown>([
        ["again", first],
        ["", new Map()],
      ]),
    ]);
    expect(asList(nested)[0]).toBe(first);
    expect(asMap(asList(nested)[2]).get("again")).toBe(first);
  });

  test("holds None, bools, numbers and text", () => {
    expect(all.get("plain")).toEqual([
      null,
      true,
      false,
      [0, 1, -1, 255, 256, 65536, -(2 ** 31), 2 ** 31, 2 ** 40, -(2 ** 40), 2 ** 53 - 1, 0.1, -1e-300, Infinity],
      "",
      "a\\u0041\n\r\0\x1a'\"",
      "é€😀",
      "x".repeat(300),
    ]);
  });
});

test.each([0, 2])("what Python 2 wrote in protocol %i is read", (protocol) => {
  const [array, again] = asList(readPickle(fixture(`python2-protocol${protocol}.pkl`)));
  expect(described(array)).toEqual(expected.arrays.f4);
  expect(again).toBe(array);
});

test("a backslash keeps the next one from starting an escape, as in Python", () => {
  expect(run("Va\\\\u0041\\u0041\\U0001F600\\x\n")).toBe("a\\\\u0041A😀\\x");
});

test("all 65,536 numbers of 16 bits are widened as NumPy widens them", () => {
  const halves = Buffer.alloc(2 ** 17);
  for (let half = 0; half < 2 ** 16; half++) halves.writeUInt16LE(half, 2 * half);
  const { data } = asArray(run(array("f2", "M\0\x80K\x02", halves.toString("latin1"))));
  expect(data.filter((x) => Number.isNaN(x))).toHaveLength(2 * 1023);
  expect(sha256(data.filter((x) => !Number.isNaN(x)))).toBe(expected.halves);
});

test.skipIf(isMissing)("the book's Rnnlm.pkl holds what NumPy reads in it ($SEQLOOM_DATA)", () => {
  const params = asList(readPickle(new Uint8Array(readFileSync(book)))).map(asArray);
  expect(
    params.map(({ shape, data }) => ({ shape, first: [...data.slice(0, 4)], last: data.at(-1), sha256: sha256(data) })),
  ).toEqual(expected.book.arrays);
});
