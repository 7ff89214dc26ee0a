import { DataError } from "../engine/errors.js";
import { GLOBALS, NumpyDtype, PickledArray } from "./numpy-array.js";
import { Dict, Global, type PickleReader, Text, type Value, WEIGHT } from "./pickle-values.js";

const DAMAGED = "the file is damaged, cut short, or no pickle";
const REFUSED = "a pickle can run any program: only NumPy arrays of floats in lists, tuples and dicts are read";

const NEWLINE = 10;
const INTEGER = /^[-+]?\d+L?$/;
const DECIMAL = /^[-+]?(\d+\.?\d*(e[-+]?\d+)?|inf|nan)$/;

/** Instructions of the machine by their byte. */
export type Opcodes = ReadonlyMap<number, { readonly name: string; readonly execute: (machine: Machine) => void }>;

/** The stack machine that runs a pickle; `readPickle` has its opcodes. */
export class Machine implements PickleReader {
  readonly #memo = new Map<number, Value>();
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #name: string;
  readonly #stack: Value[] = [];
  /** Length of the stack at each mark. */
  readonly #marks: number[] = [];
  #hasStopped = false;
  #charged = 0;
  /** Position of the next byte, and of the opcode that is being executed. */
  #at = 0;
  #opcodeAt = 0;
  #opcode = "";

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#name = name;
  }

  /** Executes opcodes up to STOP, returns the value left on the stack. */
  run(opcodes: Opcodes): Value {
    while (!this.#hasStopped) {
      this.#opcodeAt = this.#at;
      this.#opcode = "opcode";
      if (this.#at === this.#bytes.length) throw this.error("one more opcode", "the end of the file");
      const code = this.uint(1);
      const opcode = opcodes.get(code);
      this.#opcode = opcode?.name ?? "opcode";
      if (!opcode) throw this.error("an opcode of protocols 0 to 5", `byte ${code}`);
      opcode.execute(this);
    }
    const value = this.pop();
    if (this.#stack.length > 0) throw this.error("one value", `${this.#stack.length + 1}`);
    const rest = this.#bytes.length - this.#at;
    if (rest > 0) throw this.error("the end of the file", `${rest} more bytes`, "pickle one list of all the values");
    return value;
  }

  checkProtocol(version: number): void {
    if (version > 5) throw this.error("protocol 0 to 5", `${version}`);
  }

  stop(): void {
    this.#hasStopped = true;
  }

  error(expected: string, got: string, hint = DAMAGED): DataError {
    return new DataError(
      `${this.#name}: byte ${this.#opcodeAt} (${this.#opcode}): expected ${expected}, got ${got}.`,
      hint,
    );
  }

  /** Makes the error for something that a pickle may not contain. */
  refusal(what: string): DataError {
    return this.error("NumPy arrays of floats", `something else (refused: ${what})`, REFUSED);
  }

  charge(bytes: number): void {
    const most = 4 * this.#bytes.length + 2 ** 22;
    this.#charged += bytes;
    if (this.#charged > most) throw this.error(`values that fit into ${most} bytes`, "more");
  }

  expectBytes(count: number): void {
    const rest = this.#bytes.length - this.#at;
    if (count < 0) throw this.error("a length", `${count}`);
    if (count > rest) throw this.error(`${count} bytes`, `${rest}`);
  }

  /** Skips `count` bytes, which must exist, and returns the position of the first. */
  take(count: number): number {
    this.expectBytes(count);
    this.#at += count;
    return this.#at - count;
  }

  /** Reads a little-endian unsigned integer. From 2⁵³ on it is not exact, but no length is that large. */
  uint(size: 1 | 2 | 4 | 8): number {
    const at = this.take(size);
    if (size === 1) return this.#view.getUint8(at);
    if (size === 2) return this.#view.getUint16(at, true);
    const low = this.#view.getUint32(at, true);
    return size === 4 ? low : low + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  int32(): number {
    return this.uint(4) | 0;
  }

  /** Reads a signed integer of `size` bytes. */
  long(size: number): number {
    if (size > 8) throw this.error("an integer below 2⁵³", `one of ${size} bytes`);
    const value = this.slice(size).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return this.safe(Number(BigInt.asIntN(8 * size, value)));
  }

  safe(value: number): number {
    if (!Number.isSafeInteger(value)) throw this.error("an integer below 2⁵³", `${value}`);
    return value;
  }

  float64(): number {
    return this.#view.getFloat64(this.take(8), false);
  }

  slice(size: number): Uint8Array {
    this.charge(WEIGHT.view);
    const at = this.take(size);
    return this.#bytes.subarray(at, at + size);
  }

  text(size: number, encoding: Text["encoding"]): Text {
    this.charge(WEIGHT.text);
    const at = this.take(size);
    return new Text(this.#bytes, at, at + size, encoding);
  }

  /** Reads the rest of a line, without its end. */
  line(encoding: Text["encoding"]): Text {
    const end = this.#bytes.indexOf(NEWLINE, this.#at);
    if (end < 0) throw this.error("a line", "the end of the file");
    const text = this.text(end - this.#at, encoding);
    this.take(1);
    return text;
  }

  /** Reads the number on the rest of a line. */
  float(): number {
    const line = this.line("Latin-1").show(this);
    if (!DECIMAL.test(line)) throw this.error("a number", line);
    return Number(line.replace("inf", "Infinity"));
  }

  /** Reads the integer on the rest of a line; protocols 0 and 1 write False and True as 00 and 01. */
  intOrFlag(): number | boolean {
    const line = this.line("Latin-1").show(this);
    if (line === "00" || line === "01") return line === "01";
    if (!INTEGER.test(line)) throw this.error("an integer", line);
    return this.safe(Number.parseInt(line, 10));
  }

  /** Reads the memo index on the rest of a line. */
  index(): number {
    return Number(this.intOrFlag());
  }

  push(value: Value): void {
    this.charge(WEIGHT.slot);
    this.#stack.push(value);
  }

  pop(): Value {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  /** Removes the topmost value or mark. */
  drop(): void {
    if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  /** Returns the topmost value above the last mark. */
  top(): Value {
    const value = this.#stack.length > (this.#marks.at(-1) ?? 0) ? this.#stack.at(-1) : undefined;
    if (value === undefined) throw this.error("a value on the stack", "none");
    return value;
  }

  /** Removes the `count` topmost values and returns them, the lowest first. */
  popMany(count: number): Value[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  mark(): void {
    this.charge(WEIGHT.mark);
    this.#marks.push(this.#stack.length);
  }

  /** Removes the last mark and all values above it, and returns the values. */
  popMark(): Value[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.error("a mark on the stack", "none");
    return this.#stack.splice(mark);
  }

  put(index: number): void {
    const most = this.#bytes.length;
    if (index < 0 || index >= most) throw this.error(`a memo index from 0 to ${most - 1}`, `${index}`);
    this.charge(WEIGHT.memo);
    this.#memo.set(index, this.top());
  }

  /** Stores the topmost value at the next memo index. */
  memoize(): void {
    this.put(this.#memo.size);
  }

  get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.error(`a value at memo index ${index}`, "none");
    this.push(value);
  }

  find([module, name]: readonly Value[]): Global {
    if (!(module instanceof Text && name instanceof Text)) throw this.error("a module and a name", "something else");
    const full = `${module.show(this)}.${name.show(this)}`;
    const known = GLOBALS.get(full);
    if (!known) throw this.refusal(full);
    return known;
  }

  reduce(): void {
    const [callee, args] = this.popMany(2);
    if (!(callee instanceof Global)) throw this.refusal("REDUCE");
    if (!callee.call) throw this.refusal(`${callee.name}()`);
    if (!Array.isArray(args)) throw this.error("a tuple of arguments", "something else");
    this.push(callee.call(args, this));
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (!(target instanceof NumpyDtype || target instanceof PickledArray)) throw this.refusal("BUILD");
    target.build(state, this);
  }

  pushList(items: Value[]): void {
    this.charge(WEIGHT.list);
    this.push(items);
  }

  append(items: readonly Value[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.error("a list to append to", "something else");
    for (const item of items) list.push(item);
  }

  pushDict(items: readonly Value[]): void {
    this.charge(WEIGHT.dict);
    this.push(new Dict());
    this.setItems(items);
  }

  setItems(items: readonly Value[]): void {
    const dict = this.top();
    if (!(dict instanceof Dict)) throw this.error("a dict to put items in", "something else");
    if (items.length % 2 !== 0) throw this.error("a value for each key", `${items.length} of both`);
    this.charge((WEIGHT.entry * items.length) / 2);
    items.forEach((item, i) => {
      if (i % 2 === 1) dict.values.push(item);
      else if (item instanceof Text) dict.keys.push(item);
      else throw this.error("text as key of a dict", "something else");
    });
  }
}
