import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { DataError } from "../../src/engine/errors.js";
import { Random } from "../../src/engine/random.js";
import { readPickle } from "../../src/files/pickle.js";
import {
  array,
  asArray,
  asList,
  assemble,
  book,
  collect,
  expected,
  failure,
  fixture,
  frombuffer,
  grown,
  isMissing,
  recorded,
  run,
  size4,
} from "../helpers/pickle.js";

describe("a small pickle that claims to be large", () => {
  test.each([
    ["contains itself", "]p0\ng0\na"],
    ["contains itself by way of a tuple and a dict", "]p0\n}U\x01ag0\n\x85sa"],
    ["is its own only value", "}p0\nU\x01ag0\ns"],
  ])("%s: refused", (_, program) => {
    expect(failure(() => run(program)).message).toContain(
      "expected values that do not contain themselves, got one that does.",
    );
  });

  test("lists 100 deep are read, deeper ones and hidden depth are not", () => {
    expect(JSON.stringify(run(`${"]".repeat(101)}${"a".repeat(100)}`))).toBe("[".repeat(101) + "]".repeat(101));
    const deep = /expected lists at most 100 deep, got deeper ones\.$/;
    expect(failure(() => run(`${"]".repeat(102)}${"a".repeat(101)}`)).message).toMatch(deep);
    expect(failure(() => run(`]${"\x85".repeat(10_000)}`)).message).toMatch(deep);
    // Each list holds the one before, which was met already, at the top.
    const chain = Array.from({ length: 150 }, (_, i) => `]h${String.fromCharCode(i)}aq${String.fromCharCode(i + 1)}`);
    expect(failure(() => run(`(]q\0${chain.join("")}l`)).message).toMatch(deep);
    // A list of a deep list and a flat one, met at the top and then again far below.
    const nested = `${"]".repeat(60)}${"a".repeat(59)}`;
    expect(failure(() => run(`((${nested}]lq\0h\0${"\x85".repeat(60)}l`)).message).toMatch(deep);
  });

  test("a list of two lists of two lists … is refused before it unfolds", () => {
    const doubled = (times: number) => `]${"q\0h\0\x86".repeat(times)}`;
    expect(JSON.stringify(run(doubled(10)))).toHaveLength(2 ** 11 - 1 + 2 ** 10 * 3 - 1 - 2 ** 10 + 2 ** 10 - 1);
    for (const times of [16, 40, 90])
      expect(failure(() => run(doubled(times))).message).toContain(
        "expected at most 65536 values, got more, by sharing lists.",
      );
  });

  test("one array met ten thousand times is one array", () => {
    const data = "\0\0\x80?".repeat(1000);
    const program = `(${array("f4", "M\xe8\x03", data)}q\0${"h\0".repeat(9999)}l`;
    const [growth, list] = grown(() => asList(run(program)));
    expect(list).toHaveLength(10_000);
    expect(new Set(list).size).toBe(1);
    expect(growth).toBeLessThan(4 * program.length + 2 ** 24);
  });

  test("arrays that share their data are refused before they fill the memory", () => {
    const bytes = `B${size4(2 ** 20)}${"\0".repeat(2 ** 20)}p0\n0`;
    const made = frombuffer("J\0\0\x04\0", "", "C", "N").replace(/B.{4}/s, "g0\n");
    const program = `${bytes}(${made.repeat(100)}l`;
    expect(asList(run(`${bytes}(${made.repeat(4)}l`))).toHaveLength(4);
    const [growth, error] = grown(() => failure(() => run(program)));
    expect(error.message).toMatch(/expected values that fit into \d+ bytes, got more\.$/);
    expect(growth).toBeLessThan(4 * program.length + 2 ** 24);
  });

  test.each([
    "]",
    "}",
    ")",
    "(",
    "N",
    "K\x01",
    "G12345678",
    "C\0",
    "U\0",
    "U\x01a",
    "I1\n",
    "Nr\0\0\0\0",
    "N\x94",
    "2",
    "h\0",
    "\x85",
    "]N\x85a",
    "(d",
    "S'a'\n0",
    "c_codecs\nencode\n",
    "c__builtin__\nbytes\n)R",
    "cnumpy\ndtype\n(U\x02f4tR",
  ])("a file full of %j takes no more than four times its size", (piece) => {
    const bytes = assemble(`Nq\0${piece.repeat(2 ** 22 / piece.length)}`);
    const [growth] = grown(() => failure(() => readPickle(bytes)));
    expect(growth).toBeLessThan(4 * bytes.length + 2 ** 24);
  });

  test("shapes without elements take no time", () => {
    const shape = `${"\x8a\x06\0\0\0\0\0\x10".repeat(20)}K\0`;
    expect(asArray(run(array("f4", shape, ""))).data).toHaveLength(0);
  });
});

describe("mutations", () => {
  /** Changes 1 to 4 places at a time, reads, and puts them back; every outcome must be a result or a DataError. */
  function fuzz(
    bytes: Uint8Array,
    times: number,
    place: (random: Random) => number,
  ): { read: number; refused: number } {
    const random = new Random(1984);
    const opcodes = assemble(
      "(.012FGIJKLMNPQRSTUVX]abcdeghijlopqrstu}\x80\x81\x82\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x93\x94\x95\x96",
    );
    const values = [
      () => random.below(256),
      () => opcodes[random.below(opcodes.length)] ?? 0,
      () => 0,
      () => 255,
      () => 127,
    ];
    const outcome = { read: 0, refused: 0 };
    for (let time = 0; time < times; time++) {
      const before: [at: number, byte: number][] = [];
      for (let changes = 1 + random.below(4); changes > 0; changes--) {
        const at = place(random);
        before.push([at, bytes[at] ?? 0]);
        bytes[at] = values[random.below(values.length)]?.() ?? 0;
      }
      try {
        readPickle(bytes);
        outcome.read++;
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        outcome.refused++;
      }
      for (const [at, byte] of before.reverse()) bytes[at] = byte;
    }
    return outcome;
  }

  test.each([...recorded, "python2-protocol0.pkl", "python2-protocol2.pkl"])("of %s are read or refused", (name) => {
    const bytes = fixture(name);
    const { read, refused } = fuzz(bytes, 500, (random) => random.below(bytes.length));
    expect(Math.min(read, refused)).toBeGreaterThan(20);
    expect(bytes).toEqual(fixture(name));
  });

  // The file itself takes too long to be read 10,000 times, so most of them are read in it with 10 words instead of 10,000.
  test.skipIf(isMissing)(
    "of the book's Rnnlm.pkl are read or refused, 10,000 of them ($SEQLOOM_DATA)",
    { timeout: 60_000 },
    () => {
      const whole = new Uint8Array(readFileSync(book));
      const { opcodes } = expected.book;
      const places = (spans: [number, number][]) =>
        spans.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
      const cut = cutVocabulary(whole, opcodes);
      expect(asList(readPickle(cut.bytes)).map((param) => asArray(param).shape)).toEqual([
        [10, 100],
        [100, 400],
        [100, 400],
        [400],
        [100, 10],
        [10],
      ]);
      const mostlyIn = (spans: [number, number][], length: number) => {
        const inOpcodes = places(spans);
        return (random: Random) =>
          random.below(10) === 0 ? random.below(length) : (inOpcodes[random.below(inOpcodes.length)] ?? 0);
      };
      const [growth, { read, refused }] = grown(() => {
        fuzz(whole, 100, mostlyIn(opcodes, whole.length));
        return fuzz(cut.bytes, 9900, mostlyIn(cut.opcodes, cut.bytes.length));
      }, collect);
      expect(read + refused).toBe(9900);
      expect(Math.min(read, refused)).toBeGreaterThan(300);
      expect(growth).toBeLessThan(2 ** 26);
    },
  );
});

/** The book's model with V = 10 instead of 10,000: each array's data is cut, sizes and lengths in the opcodes follow. */
function cutVocabulary(
  whole: Uint8Array,
  spans: [number, number][],
): { bytes: Uint8Array; opcodes: [number, number][] } {
  const opcodes: [number, number][] = [];
  let cut = "";
  spans.forEach(([from, to], i) => {
    const { shape } = expected.book.arrays[i] ?? {};
    const size = shape?.reduce((product, n) => product * (n === 10_000 ? 10 : n), 2) ?? 0;
    const program = Buffer.from(whole.subarray(from, shape ? to - 4 : to)).toString("latin1");
    const start = cut.length;
    cut += program.replace("M\x10\x27", "M\x0a\0") + (shape ? size4(size) : "");
    opcodes.push([start, cut.length]);
    cut += Buffer.from(whole.subarray(to, to + size)).toString("latin1");
  });
  return { bytes: assemble(cut), opcodes };
}
