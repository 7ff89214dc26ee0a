import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DataError } from "../../src/engine/errors.js";
import { NumpyArray } from "../../src/files/numpy-array.js";
import { type PickleValue, readPickle } from "../../src/files/pickle.js";

// Recorded by test/fixtures/numpy-pickle.py with NumPy 1.24.2 and 2.4.6.
export const folder = fileURLToPath(new URL("../fixtures/pickle", import.meta.url));
export const fixture = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
export const expected: Expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"));
export const recorded = readdirSync(folder).filter((name) => name.startsWith("numpy"));

export interface Described {
  shape: number[];
  /** The bits of the float32 numbers. */
  bits: number[];
}

export interface Expected {
  arrays: { f2: Described; f4: Described; f8: Described };
  odd: Record<string, Described>;
  halves: string;
  book: { arrays: { shape: number[]; first: number[]; last: number; sha256: string }[]; opcodes: [number, number][] };
}

/** The bytes of a pickle written as characters. */
export function assemble(program: string): Uint8Array {
  return new Uint8Array(Buffer.from(program, "latin1"));
}

/** What a pickle without its STOP leaves. */
export function run(program: string): PickleValue {
  return readPickle(assemble(`${program}.`));
}

export const size4 = (n: number) => Buffer.from(Uint32Array.of(n).buffer).toString("latin1");
export const size8 = (n: number) => Buffer.from(BigUint64Array.of(BigInt(n)).buffer).toString("latin1");

/** The opcodes of a dtype, of an array without data, of its state, of both. */
export const dtype = (name: string) => `cnumpy\ndtype\n(U\x02${name}tR(K\x03U\x01<NNNtb`;
export const empty = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\0tU\x01btR";
export const state = (type: string, shape: string, data: string) =>
  `(K\x01(${shape}t${dtype(type)}\x89B${size4(data.length)}${data}t`;
export const array = (type: string, shape: string, data: string) => `${empty}${state(type, shape, data)}b`;
export const frombuffer = (shape: string, data: string, order: string, axes: string) =>
  `cnumpy._core.numeric\n_frombuffer\n(B${size4(data.length)}${data}${dtype("f4")}(${shape}tU\x01${order}${axes}tR`;

export function failure(read: () => unknown): DataError {
  try {
    read();
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
  throw new Error("expected a DataError, got a result");
}

setFlagsFromString("--expose-gc");
export const collect: () => void = runInNewContext("gc");

/** By how many bytes memory has grown when `act` is over, garbage included unless it is collected, and what it returned. */
/** Bytes that `act` takes more than it had; engines collect when they please, so bounds leave 16 MiB or more for that. */
export function grown<T>(act: () => T, settle = () => {}): [growth: number, result: T] {
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
  collect();
  const before = used();
  const result = act();
  settle();
  return [used() - before, result];
}

export function asMap(value: PickleValue | undefined): Map<string, PickleValue> {
  if (value instanceof Map) return value;
  throw new Error("expected a map");
}

export function asList(value: PickleValue | undefined): PickleValue[] {
  if (Array.isArray(value)) return value;
  throw new Error("expected a list");
}

export function asArray(value: PickleValue | undefined): NumpyArray {
  if (value instanceof NumpyArray) return value;
  throw new Error("expected an array");
}

export function described(value: PickleValue | undefined): Described {
  const { shape, data } = asArray(value);
  return { shape, bits: [...new Uint32Array(data.buffer)] };
}

export const sha256 = (data: Float32Array) =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex");

export const book = join(process.env["SEQLOOM_DATA"] ?? "", "book", "Rnnlm.pkl");
export const isMissing = !existsSync(book) && process.env["SEQLOOM_REQUIRE_ALL"] !== "1";
