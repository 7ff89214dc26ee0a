import { type NumpyArray, PickledArray } from "./numpy-array.js";
import { Machine, type Opcodes } from "./pickle-machine.js";
import { Dict, Text, type Value, WEIGHT } from "./pickle-values.js";

/** A value from `readPickle`. Lists and tuples are arrays, dicts are maps; objects that the pickle shares are shared. */
export type PickleValue = null | boolean | number | string | NumpyArray | PickleValue[] | Map<string, PickleValue>;

/**
 * Reads a pickle of NumPy arrays of floats in lists, tuples and dicts, protocols 0 to 5. Nothing in it is executed: every
 * name except those of NumPy's own arrays is refused. Memory stays below four times the file plus 4 MiB.
 *
 * @param name of the file in errors. @default "readPickle"
 * @throws DataError for anything else, with the position of the byte
 */
export function readPickle(bytes: Uint8Array, name = "readPickle"): PickleValue {
  const machine = new Machine(bytes, name);
  const value = machine.run(OPCODES);
  return new Finisher(machine, Math.max(bytes.length, 2 ** 16)).finish(value);
}

const refuse = (what: string) => (m: Machine) => {
  throw m.refusal(what);
};

const tuple = (size: number) => (m: Machine) => m.pushList(m.popMany(size));

type OpcodeRow = [code: string, name: string, execute?: (machine: Machine) => void];

/** Opcodes of protocols 0 to 5, named as in Python's pickletools; those without a function are refused by name. */
const ROWS: readonly OpcodeRow[] = [
  ["\x80", "PROTO", (m) => m.checkProtocol(m.uint(1))],
  ["\x95", "FRAME", (m) => m.expectBytes(m.uint(8))],
  [".", "STOP", (m) => m.stop()],

  ["0", "POP", (m) => m.drop()],
  ["2", "DUP", (m) => m.push(m.top())],
  ["(", "MARK", (m) => m.mark()],
  ["1", "POP_MARK", (m) => m.popMark()],
  ["p", "PUT", (m) => m.put(m.index())],
  ["q", "BINPUT", (m) => m.put(m.uint(1))],
  ["r", "LONG_BINPUT", (m) => m.put(m.uint(4))],
  ["\x94", "MEMOIZE", (m) => m.memoize()],
  ["g", "GET", (m) => m.get(m.index())],
  ["h", "BINGET", (m) => m.get(m.uint(1))],
  ["j", "LONG_BINGET", (m) => m.get(m.uint(4))],

  ["N", "NONE", (m) => m.push(null)],
  ["\x88", "NEWTRUE", (m) => m.push(true)],
  ["\x89", "NEWFALSE", (m) => m.push(false)],
  ["I", "INT", (m) => m.push(m.intOrFlag())],
  ["L", "LONG", (m) => m.push(m.intOrFlag())],
  ["J", "BININT", (m) => m.push(m.int32())],
  ["K", "BININT1", (m) => m.push(m.uint(1))],
  ["M", "BININT2", (m) => m.push(m.uint(2))],
  ["\x8a", "LONG1", (m) => m.push(m.long(m.uint(1)))],
  ["\x8b", "LONG4", (m) => m.push(m.long(m.int32()))],
  ["F", "FLOAT", (m) => m.push(m.float())],
  ["G", "BINFLOAT", (m) => m.push(m.float64())],

  ["V", "UNICODE", (m) => m.push(m.line("raw Unicode escape"))],
  ["X", "BINUNICODE", (m) => m.push(m.text(m.uint(4), "UTF-8"))],
  ["\x8c", "SHORT_BINUNICODE", (m) => m.push(m.text(m.uint(1), "UTF-8"))],
  ["\x8d", "BINUNICODE8", (m) => m.push(m.text(m.uint(8), "UTF-8"))],
  ["S", "STRING", (m) => m.push(m.line("quoted Python 2"))],
  ["T", "BINSTRING", (m) => m.push(m.text(m.int32(), "Latin-1"))],
  ["U", "SHORT_BINSTRING", (m) => m.push(m.text(m.uint(1), "Latin-1"))],
  ["B", "BINBYTES", (m) => m.push(m.slice(m.uint(4)))],
  ["C", "SHORT_BINBYTES", (m) => m.push(m.slice(m.uint(1)))],
  ["\x8e", "BINBYTES8", (m) => m.push(m.slice(m.uint(8)))],
  ["\x96", "BYTEARRAY8", (m) => m.push(m.slice(m.uint(8)))],

  [")", "EMPTY_TUPLE", tuple(0)],
  ["\x85", "TUPLE1", tuple(1)],
  ["\x86", "TUPLE2", tuple(2)],
  ["\x87", "TUPLE3", tuple(3)],
  ["t", "TUPLE", (m) => m.pushList(m.popMark())],
  ["]", "EMPTY_LIST", tuple(0)],
  ["l", "LIST", (m) => m.pushList(m.popMark())],
  ["a", "APPEND", (m) => m.append([m.pop()])],
  ["e", "APPENDS", (m) => m.append(m.popMark())],
  ["}", "EMPTY_DICT", (m) => m.pushDict([])],
  ["d", "DICT", (m) => m.pushDict(m.popMark())],
  ["s", "SETITEM", (m) => m.setItems(m.popMany(2))],
  ["u", "SETITEMS", (m) => m.setItems(m.popMark())],

  ["c", "GLOBAL", (m) => m.push(m.find([m.line("UTF-8"), m.line("UTF-8")]))],
  ["\x93", "STACK_GLOBAL", (m) => m.push(m.find(m.popMany(2)))],
  ["R", "REDUCE", (m) => m.reduce()],
  ["b", "BUILD", (m) => m.build()],

  ["i", "INST", (m) => refuse(`${m.find([m.line("UTF-8"), m.line("UTF-8")]).name}()`)(m)],
  ["o", "OBJ"],
  ["\x81", "NEWOBJ"],
  ["\x92", "NEWOBJ_EX"],
  ["P", "PERSID"],
  ["Q", "BINPERSID"],
  ["\x82", "EXT1"],
  ["\x83", "EXT2"],
  ["\x84", "EXT4"],
  ["\x8f", "EMPTY_SET"],
  ["\x90", "ADDITEMS"],
  ["\x91", "FROZENSET"],
  ["\x97", "NEXT_BUFFER"],
  ["\x98", "READONLY_BUFFER"],
];

const OPCODES: Opcodes = new Map(
  ROWS.map(([code, name, execute = refuse(name)]) => [code.charCodeAt(0), { name, execute }]),
);

/** Greatest depth of nested lists and dicts. */
const MOST_LEVELS = 100;

interface Finished {
  readonly result: PickleValue;
  /** Number of values in it, and of levels; shared values count each time. */
  readonly count: number;
  readonly levels: number;
}

/**
 * Converts the values of the stack to those of the caller: decodes texts and fills arrays, each once. The result is safe
 * to walk through: no value contains itself, and lists shared by lists do not unfold to millions.
 */
class Finisher {
  /** Values converted so far; undefined while a value is being converted. */
  readonly #finished = new Map<Value, Finished | undefined>();
  #count = 0;
  #deepest = 0;

  constructor(
    readonly machine: Machine,
    readonly most: number,
  ) {}

  finish(value: Value, level = 0): PickleValue {
    const { machine } = this;
    if (value === null || typeof value === "boolean" || typeof value === "number") return this.#tally(1, level, value);
    const known = this.#finished.get(value);
    if (known) return this.#tally(known.count, level + known.levels, known.result);
    if (this.#finished.has(value)) throw machine.error("values that do not contain themselves", "one that does");
    this.#finished.set(value, undefined);
    const [count, deepest] = [this.#count, this.#deepest];
    this.#deepest = level;
    this.#tally(1, level, null);
    machine.charge(WEIGHT.memo);
    const result = this.#make(value, level);
    this.#finished.set(value, { result, count: this.#count - count, levels: this.#deepest - level });
    this.#deepest = Math.max(deepest, this.#deepest);
    return result;
  }

  #make(value: Exclude<Value, null | boolean | number>, level: number): PickleValue {
    const { machine } = this;
    if (value instanceof Text) return value.decode(machine);
    if (value instanceof PickledArray) return value.read(machine);
    if (Array.isArray(value)) return value.map((item) => this.finish(item, level + 1));
    if (!(value instanceof Dict)) throw machine.error("arrays in lists, tuples and dicts", "something else");
    return new Map(value.keys.map((key, i) => [key.decode(machine), this.finish(value.values[i] ?? null, level + 1)]));
  }

  #tally<R extends PickleValue>(count: number, level: number, result: R): R {
    this.#count += count;
    this.#deepest = Math.max(this.#deepest, level);
    if (this.#count > this.most) throw this.machine.error(`at most ${this.most} values`, "more, by sharing lists");
    if (this.#deepest > MOST_LEVELS) throw this.machine.error(`lists at most ${MOST_LEVELS} deep`, "deeper ones");
    return result;
  }
}
