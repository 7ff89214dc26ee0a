import { describe, expect, test } from "vitest";
import { readPickle } from "../../src/files/pickle.js";
import {
  array,
  assemble,
  dtype,
  empty,
  failure,
  fixture,
  frombuffer,
  run,
  size4,
  size8,
  state,
} from "../helpers/pickle.js";

describe("refused by name:", () => {
  test.each([
    ["os.system", "cposix\nsystem\n(U\x02lstR", "posix.system"],
    ["os.system, by a name on the stack", "U\x05posixU\x06system\x93U\x02ls\x85R", "posix.system"],
    ["builtins.eval", "cbuiltins\neval\n(U\x011tR", "builtins.eval"],
    ["builtins.getattr", "cbuiltins\ngetattr\n", "builtins.getattr"],
    ["a NumPy function", "cnumpy\nload\n", "numpy.load"],
    ["a way through a module", "U\x05numpyU\x0fcore.os.systemX\x93", "numpy.core.os.systemX"],
    ["a NumPy number", "cnumpy.core.multiarray\nscalar\n", "numpy.core.multiarray.scalar"],
    ["a dict of another kind", "ccollections\nOrderedDict\n)R", "collections.OrderedDict"],
    ["a name with a line break and an escape", "U\x01aU\x06b\n\x1b[1m\x93", "a.b??[1m"],
    ["a name without end", `c${"x".repeat(1000)}\ny\n`, `${"x".repeat(100)}….y`],
    ["REDUCE of a class", "cnumpy\nndarray\n(K\x05tR", "numpy.ndarray()"],
    ["REDUCE of a text", "U\x04eval(U\x011tR", "REDUCE"],
    ["REDUCE of an array", `${array("f4", "K\x01", "\0\0\0\0")})R`, "REDUCE"],
    ["INST", "(iposix\nsystem\n", "posix.system"],
    ["INST of a known name", "(inumpy\nndarray\n", "numpy.ndarray()"],
    ["OBJ", "(cnumpy\nndarray\no", "OBJ"],
    ["NEWOBJ", "cnumpy\nndarray\n)\x81", "NEWOBJ"],
    ["NEWOBJ_EX", "cnumpy\nndarray\n)}\x92", "NEWOBJ_EX"],
    ["BUILD of a class", "cnumpy\nndarray\n}U\x01aK\x01sb", "BUILD"],
    ["BUILD of a list", "]}b", "BUILD"],
    ["a persistent id", "Pweights\n", "PERSID"],
    ["a persistent id from the stack", "K\x01Q", "BINPERSID"],
    ["an extension code", "\x82\x01", "EXT1"],
    ["an extension code of 2 bytes", "\x83\x01\0", "EXT2"],
    ["an extension code of 4 bytes", "\x84\x01\0\0\0", "EXT4"],
    ["a set", "\x8f", "EMPTY_SET"],
    ["a frozen set", "(K\x01\x91", "FROZENSET"],
    ["data outside the file", "\x97", "NEXT_BUFFER"],
    ["a read-only view of it", "\x96\0\0\0\0\0\0\0\0\x98", "READONLY_BUFFER"],
  ])("%s", (_, program, name) => {
    expect(failure(() => run(program)).message).toContain(`(refused: ${name})`);
  });

  test("with the place, and why", () => {
    const error = failure(() => readPickle(assemble("]cposix\nsystem\n."), "weights.pkl"));
    expect(error.message).toBe(
      "weights.pkl: byte 1 (GLOBAL): expected NumPy arrays of floats, got something else (refused: posix.system).",
    );
    expect(error.hint).toBe(
      "a pickle can run any program: only NumPy arrays of floats in lists, tuples and dicts are read",
    );
  });
});

describe("an error says what was expected at which byte:", () => {
  const four = "\0\0\0\0";
  test.each([
    ["no bytes at all", "", "byte 0 (opcode): expected one more opcode, got the end of the file."],
    ["no end", "]K\x01a", "byte 4 (opcode): expected one more opcode, got the end of the file."],
    ["no pickle", "hello", "byte 0 (BINGET): expected a value at memo index 101, got none."],
    ["an unknown opcode", "]\xff", "byte 1 (opcode): expected an opcode of protocols 0 to 5, got byte 255."],
    ["a newer protocol", "\x80\x06N.", "byte 0 (PROTO): expected protocol 0 to 5, got 6."],
    ["bytes after the end", "N.N.", "byte 1 (STOP): expected the end of the file, got 2 more bytes."],
    ["two values", "NN.", "byte 2 (STOP): expected one value, got 2."],
    ["no value", ".", "byte 0 (STOP): expected a value on the stack, got none."],
    ["a value behind a mark", "N(.", "byte 2 (STOP): expected a value on the stack, got none."],
    ["no mark", "Nt.", "byte 1 (TUPLE): expected a mark on the stack, got none."],
    ["a line without end", "I12", "byte 0 (INT): expected a line, got the end of the file."],
    ["an integer that is none", "I0x1f\n.", "byte 0 (INT): expected an integer, got 0x1f."],
    ["a number that is none", "F1,5\n.", "byte 0 (FLOAT): expected a number, got 1,5."],
    [
      "a large integer",
      "\x8a\x08\0\0\0\0\0\0\0\x7f.",
      "byte 0 (LONG1): expected an integer below 2⁵³, got 9151314442816848000.",
    ],
    ["a vast integer", "\x8a\x09123456789.", "byte 0 (LONG1): expected an integer below 2⁵³, got one of 9 bytes."],
    ["a frame beyond the end", `\x95${size8(1000)}N.`, "byte 0 (FRAME): expected 1000 bytes, got 2."],
    ["text beyond the end", `X${size4(2 ** 32 - 1)}abc.`, "byte 0 (BINUNICODE): expected 4294967295 bytes, got 4."],
    [
      "bytes beyond the end",
      `\x8e${size8(2 ** 62)}abc.`,
      "byte 0 (BINBYTES8): expected 4611686018427388000 bytes, got 4.",
    ],
    ["text of negative length", "T\xff\xff\xff\xffabc.", "byte 0 (BINSTRING): expected a length, got -1."],
    ["an integer of negative length", "\x8b\xff\xff\xff\xff.", "byte 0 (LONG4): expected a length, got -1."],
    [
      "a memo index that no file needs",
      `Nr${size4(2 ** 31)}.`,
      "byte 1 (LONG_BINPUT): expected a memo index from 0 to 6, got 2147483648.",
    ],
    ["a memo index below 0", "Np-1\n.", "byte 1 (PUT): expected a memo index from 0 to 5, got -1."],
    ["a memo entry before its time", "g3\n.", "byte 0 (GET): expected a value at memo index 3, got none."],
    [
      "malformed UTF-8",
      "U\x01aX\x02\0\0\0\xc0\x80\x86.",
      "byte 11 (STOP): expected UTF-8 text, got bytes of another encoding.",
    ],
    [
      "UTF-8 that starts in the middle",
      "X\x02\0\0\0\x85\x80.",
      "byte 7 (STOP): expected UTF-8 text, got bytes of another encoding.",
    ],
    [
      "a malformed escape",
      "V\\u12\n.",
      "byte 6 (STOP): expected raw Unicode escape text, got bytes of another encoding.",
    ],
    [
      "a quote without its twin",
      "S'a\n.",
      "byte 4 (STOP): expected quoted Python 2 text, got bytes of another encoding.",
    ],
    [
      "data that is no Latin-1",
      "c_codecs\nencode\n(Va\\u0100\nVlatin1\ntR.",
      "byte 35 (REDUCE): expected characters from 0 to 255, got character 256.",
    ],
    [
      "another encoding",
      "c_codecs\nencode\n(Va\nVrot13\ntR.",
      "byte 28 (REDUCE): expected _codecs.encode(text, 'latin1'), got other arguments.",
    ],
    [
      "a dict with a number as key",
      "}K\x01Ns.",
      "byte 4 (SETITEM): expected text as key of a dict, got something else.",
    ],
    ["half an item", "(U\x01ad.", "byte 4 (DICT): expected a value for each key, got 1 of both."],
    ["an item for a list", "](U\x01aNu.", "byte 6 (SETITEMS): expected a dict to put items in, got something else."],
    ["an item appended to None", "NNa.", "byte 2 (APPEND): expected a list to append to, got something else."],
    ["bytes", "C\x01a.", "byte 3 (STOP): expected arrays in lists, tuples and dicts, got something else."],
    [
      "a function",
      "cnumpy\ndtype\n.",
      "byte 13 (STOP): expected arrays in lists, tuples and dicts, got something else.",
    ],
    [
      "arguments that are no tuple",
      "cnumpy\ndtype\nNR.",
      "byte 14 (REDUCE): expected a tuple of arguments, got something else.",
    ],
    ["an array of integers", `${dtype("i8")}.`, "byte 19 (REDUCE): expected dtype f2, f4 or f8, got i8."],
    ["an array without data", `${empty}.`, "byte 61 (STOP): expected an array with its data, got one without."],
    [
      "data that is too short",
      array("f4", "K\x02K\x03", four),
      "byte 112 (BUILD): expected 24 bytes for shape (2, 3), got 4.",
    ],
    [
      "data that is too long",
      array("f4", "K\x03", four.repeat(4)),
      "byte 122 (BUILD): expected 12 bytes for shape (3), got 16.",
    ],
    [
      "a negative size",
      array("f4", "J\xff\xff\xff\xff", four),
      "byte 113 (BUILD): expected a shape of at most 64 axes, got another.",
    ],
    [
      "65 axes",
      array("f4", "K\x01".repeat(65), four),
      "byte 238 (BUILD): expected a shape of at most 64 axes, got another.",
    ],
    [
      "a shape beyond all numbers",
      array("f4", `\x8a\x06${"\xff".repeat(5)}\x7f`.repeat(40), four),
      /expected Infinity bytes for shape \(140737488355327, .*\), got 4\.$/,
    ],
    [
      "a second state",
      `${empty}p0\n${state("f4", "K\x01", four)}bg0\n${state("f4", "K\x01", four)}b`,
      /expected one state for an array, got a second\.$/,
    ],
    [
      "an order of too few axes",
      frombuffer("K\x01K\x01", four, "K", "(K\0t"),
      /expected an order of 2 axes, got \(0\)\.$/,
    ],
    [
      "an order that names an axis twice",
      frombuffer("K\x01K\x01", four, "K", "(K\0K\0t"),
      /expected an order of 2 axes, got \(0, 0\)\.$/,
    ],
    ["an unknown order", frombuffer("K\x01", four, "A", "N"), /expected an array in order C, F or K, got another\.$/],
  ])("%s", (_, program, message) => {
    const error = failure(() => readPickle(assemble(program)));
    if (typeof message === "string") expect(error.message).toBe(`readPickle: ${message}`);
    else expect(error.message).toMatch(message);
    expect(error.hint).toBeTruthy();
  });
});

test.each(["numpy1-protocol3.pkl", "numpy2-protocol5.pkl", "python2-protocol0.pkl", "python2-protocol2.pkl"])(
  "%s cut short anywhere is refused",
  { timeout: 30_000 },
  (name) => {
    const bytes = fixture(name);
    for (let end = 0; end < bytes.length; end++) failure(() => readPickle(bytes.subarray(0, end)));
  },
);
