import { describe, expect, test } from "vitest";
import { DataError } from "../../../src/engine/errors.js";
import { LONGEST_ROW, type Row, readRows } from "../../../src/tasks/pairs/rows.js";
import { bytesOf, inChunks } from "../../helpers/chunks.js";
import { expectError } from "../../helpers/errors.js";

const read = (bytes: Uint8Array | string, quoted = false, size = 2 ** 16): Row[] => [
  ...readRows("a.txt", inChunks(typeof bytes === "string" ? bytesOf(bytes) : bytes, size), { quoted }),
];
const texts = (bytes: Uint8Array | string, quoted = false): unknown[] =>
  read(bytes, quoted).map(({ line, content }) => [line, typeof content === "string" ? content : content.message]);

describe("rows are cut", () => {
  test("at line breaks of either kind, of which the last may be missing", () => {
    const rows = [
      [1, "a"],
      [2, ""],
      [3, "b"],
    ];
    for (const text of ["a\n\nb\n", "a\n\nb", "a\r\n\r\nb\r\n", "a\r\n\nb"]) expect(texts(text)).toEqual(rows);
    expect(texts("")).toEqual([]);
    expect(texts("\n")).toEqual([[1, ""]]);
  });

  test("not at other characters that look like one", () => {
    expect(texts("a\rb\u2028c\u0085d\ve\n")).toEqual([[1, "a\rb\u2028c\u0085d\ve"]]);
  });

  test("not at carriage returns alone, as on old Macs: a file that has no others is refused", () => {
    const message = "a.txt: expected lines that end in a line feed, got carriage returns alone.";
    for (const text of ["a\tb\rc\td\r", "a\tb\rc\td", "a\r".repeat(LONGEST_ROW)])
      expectError(DataError, () => read(text), message, "line ends of Linux or Windows");
    expect(texts("a\tb\r")).toEqual([[1, "a\tb"]]);
    expect(texts("a\rb\nc\rd")).toEqual([
      [1, "a\rb"],
      [2, "c\rd"],
    ]);
    expect(texts('"a\r\nb",c', true)).toEqual([[1, '"a\r\nb",c']]);
  });

  test("not at line breaks inside quotes, where quotes count; rows are numbered by their first line", () => {
    expect(texts('"a\nb",c\n"d""\n\n",e\nf"\n"g"\n', true)).toEqual([
      [1, '"a\nb",c'],
      [3, '"d""\n\n",e'],
      [6, 'f"'],
      [7, '"g"'],
    ]);
    expect(texts('"a\nb"', false)).toEqual([
      [1, '"a'],
      [2, 'b"'],
    ]);
  });

  test("the same wherever a chunk ends", () => {
    const text = '\uFEFF"één\r\n😀",ש\r\n\r\n"a""\nb",\u0301\n,"\n"\nlast "one"';
    const latin = Uint8Array.of(...bytesOf(text), 10, 0xe9, 10, ...bytesOf("ok"));
    for (const quoted of [true, false]) {
      const whole = read(latin, quoted);
      expect(whole.length).toBe(quoted ? 7 : 10);
      for (const size of [1, 2, 3, 7]) expect(read(latin, quoted, size)).toEqual(whole);
    }
  });
});

describe("bytes become text", () => {
  test("without a byte order mark at the start, and with one anywhere else", () => {
    expect(texts("\uFEFFa\n\uFEFFb\n")).toEqual([
      [1, "a"],
      [2, "\uFEFFb"],
    ]);
    expect(texts('\uFEFF"a\nb"\n', true)).toEqual([[1, '"a\nb"']]);
    expect(texts("\uFEFF")).toEqual([]);
    expect(texts("\uFEC1\n")).toEqual([[1, "\uFEC1"]]); // EF BB 81: begins as a mark does
  });

  test.each([
    ["FF FE", [0xff, 0xfe, 97, 0, 10, 0]],
    ["FE FF", [0xfe, 0xff, 0, 97, 0, 10]],
    ["no text", [0xff, 0xfe]],
  ])("UTF-16 is refused by its mark: %s", (_, bytes) => {
    for (const size of [1, 2, 100])
      expectError(
        DataError,
        () => read(Uint8Array.from(bytes), false, size),
        "a.txt: expected UTF-8 text, got UTF-16.",
        "save the file as UTF-8",
      );
  });

  test("UTF-16 without a mark is a bad row, as every row with a NUL byte is", () => {
    const [row, next] = read(Uint8Array.of(97, 0, 10, 0, 98, 0));
    const content = {
      reason: "nul",
      message: "expected text, got a NUL byte.",
      hint: "a file in UTF-16 must be saved as UTF-8",
    };
    expect(row).toEqual({ line: 1, content });
    expect(next).toEqual({ line: 2, content });
  });

  test.each([
    ["a byte that is none", [0xff]],
    ["a character cut short", [0xe2, 0x82]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["an overlong form", [0xc0, 0xaf]],
    ["Latin-1", [0xe9, 0x74, 0xe9]],
  ])("what is not UTF-8 spoils its own row and no other: %s", (_, wrong) => {
    const content = {
      reason: "encoding",
      message: "expected UTF-8 text, got bytes that are none.",
      hint: "save the file as UTF-8",
    };
    expect(read(Uint8Array.of(...bytesOf("é\n"), ...wrong, 10, ...bytesOf("😀\n")))).toEqual([
      { line: 1, content: "é" },
      { line: 2, content },
      { line: 3, content: "😀" },
    ]);
  });
});

describe("a row may be long", () => {
  const long = "é".repeat(LONGEST_ROW / 2);

  test("up to 100,000 bytes, with a line break of either kind", () => {
    expect(LONGEST_ROW).toBe(100_000);
    for (const end of ["", "\n", "\r\n"]) expect(texts(`${long}${end}`)).toEqual([[1, long]]);
    for (const end of ["", "\n", "\r\n"])
      expect(texts(`${long}a${end}`)).toEqual([[1, "expected a row of at most 100000 bytes, got 100001."]]);
  });

  test("but not 1 MB; what follows is read all the same", () => {
    for (const quoted of [false, true])
      expect(texts(`a\n${"b".repeat(1_000_000)}\nc\n`, quoted)).toEqual([
        [1, "a"],
        [2, "expected a row of at most 100000 bytes, got 1000000."],
        [3, "c"],
      ]);
  });

  test("quotes are followed through a row that is too long", () => {
    expect(texts(`"${'b""\n,'.repeat(50_000)}",c\nd\n`, true)).toEqual([
      [1, "expected a row of at most 100000 bytes, got 250004."],
      [50_002, "d"],
    ]);
  });
});

describe("a quote that is never closed", () => {
  const hint = 'a cell that begins with " ends with one';

  test.each([
    ['"a,b\nc,d\n', 1],
    ['a,b\n"c",d\ne,"f\n\ng', 3],
    ['"a\nb",c,"d\n', 2],
    ['"a""', 1],
  ])("is an error with the line it was opened in: %j", (text, line) => {
    const message = `a.txt:${line}: expected a closing quote, got the end of the file.`;
    for (const size of [1, 100]) expectError(DataError, () => read(text, true, size), message, hint);
  });

  test("also where a gigabyte would follow, without keeping it", () => {
    function* endless(): Generator<Uint8Array, void> {
      yield bytesOf('a,"b');
      for (let i = 0; i < 40; i++) yield new Uint8Array(2 ** 20).fill(98);
    }
    const message = "a.txt:1: expected a closing quote, got the end of the file.";
    expectError(DataError, () => [...readRows("a.txt", endless(), { quoted: true })], message, hint);
  });
});
