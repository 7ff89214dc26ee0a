import { fromHalf } from "./dtypes.js";
import { type Call, Global, type Instance, type PickleReader, Text, type Value, WEIGHT } from "./pickle-values.js";

/** A NumPy array of floats, as float32 in C order. */
export class NumpyArray {
  constructor(
    readonly shape: number[],
    readonly data: Float32Array,
  ) {}
}

interface FloatFormat {
  readonly bytes: number;
  readonly read: (view: DataView, at: number, isLittleEndian: boolean) => number;
}

const FORMATS: ReadonlyMap<string, FloatFormat> = new Map([
  ["f2", { bytes: 2, read: (view, at, isLittleEndian) => fromHalf(view.getUint16(at, isLittleEndian)) }],
  ["f4", { bytes: 4, read: (view, at, isLittleEndian) => view.getFloat32(at, isLittleEndian) }],
  ["f8", { bytes: 8, read: (view, at, isLittleEndian) => view.getFloat64(at, isLittleEndian) }],
]);

/** `numpy.dtype("f4")`; little-endian unless its state sets another byte order. */
export class NumpyDtype implements Instance {
  isLittleEndian = true;

  constructor(readonly format: FloatFormat) {}

  /** @param state (version, byte order, subarray, names, fields, …) */
  build(state: Value, reader: PickleReader): void {
    const [, order, ...rest] = Array.isArray(state) ? state : [];
    const isLittle = order instanceof Text && order.is("<", reader);
    const isBig = order instanceof Text && order.is(">", reader);
    const isPlain = rest.length >= 3 && rest.slice(0, 3).every((part) => part === null);
    if (isLittle === isBig || !isPlain) throw reader.error("a dtype of byte order < or >, without fields", "another");
    this.isLittleEndian = isLittle;
  }
}

/** An array whose size is checked. Its numbers are read after the whole pickle has been checked. */
export class PickledArray implements Instance {
  #layout: Layout | undefined;

  constructor(layout?: Layout) {
    this.#layout = layout;
  }

  /** @param state (version, shape, dtype, whether in Fortran order, data) */
  build(state: Value, reader: PickleReader): void {
    if (this.#layout) throw reader.error("one state for an array", "a second");
    const [, shape, dtype, isFortran, data] = Array.isArray(state) && state.length === 5 ? state : [];
    if (typeof isFortran !== "boolean") throw reader.error("an array's state in 5 parts", "another");
    this.#layout = layOut(data, dtype, shape, isFortran ? "F" : "C", reader);
  }

  read(reader: PickleReader): NumpyArray {
    if (!this.#layout) throw reader.error("an array with its data", "one without");
    const { shape, strides, format, isLittleEndian, raw } = this.#layout;
    const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
    const data = new Float32Array(raw.length / format.bytes);
    let to = 0;
    const copy = (axis: number, from: number): void => {
      const size = shape[axis] ?? 1; // an array without axes is a single number
      const stride = strides[axis] ?? 0;
      if (axis < shape.length - 1) for (let i = 0; i < size; i++) copy(axis + 1, from + i * stride);
      else for (let i = 0; i < size; i++) data[to++] = format.read(view, from + i * stride, isLittleEndian);
    };
    if (data.length > 0) copy(0, 0); // a shape without elements may still count to a billion
    return new NumpyArray(shape, data);
  }
}

interface Layout {
  readonly shape: number[];
  /** In bytes, for each axis. */
  readonly strides: readonly number[];
  readonly format: FloatFormat;
  readonly isLittleEndian: boolean;
  readonly raw: Uint8Array;
}

type Argument = Value | undefined;

/** Checks the arguments of an array against each other. @param order C, F, or the position in `shape` of each axis */
function layOut(
  data: Argument,
  dtype: Argument,
  shape: Argument,
  order: "C" | "F" | number[],
  reader: PickleReader,
): Layout {
  if (!isShape(shape)) throw reader.error(`a shape of at most ${MOST_AXES} axes`, "another");
  if (!(dtype instanceof NumpyDtype)) throw reader.error("an array's dtype", "something else");
  const raw = data instanceof Text ? data.encodeLatin1(reader) : data; // Python 2 has one type for text and bytes
  if (!(raw instanceof Uint8Array)) throw reader.error("an array's data in bytes", "something else");
  const { format, isLittleEndian } = dtype;
  const count = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  if (count * format.bytes !== raw.length)
    throw reader.error(`${count * format.bytes} bytes for shape (${shape.join(", ")})`, `${raw.length}`);
  reader.charge(ARRAY + 4 * count);

  const identity = shape.map((_, axis) => axis);
  const stored = order === "F" ? shape.toReversed() : shape;
  const axes = order === "C" ? identity : order === "F" ? identity.toReversed() : order;
  if (axes.length !== shape.length || !identity.every((axis) => axes.includes(axis)))
    throw reader.error(`an order of ${shape.length} axes`, `(${axes.join(", ")})`);
  const strides = stored.map((_, axis) =>
    stored.slice(axis + 1).reduce((product, size) => product * size, format.bytes),
  );
  const along = (list: readonly number[]) => axes.map((axis) => list[axis] ?? 0);
  return { shape: along(stored), strides: along(strides), format, isLittleEndian, raw };
}

/** Limit of NumPy. */
const MOST_AXES = 64;

/** Approximate memory in bytes of an array without its data: shape, strides and three views. */
const ARRAY = 4 * WEIGHT.view + 32 * MOST_AXES;

const isShape = (value: Argument): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every((n) => Number.isSafeInteger(n) && Number(n) >= 0);

const makeArray: Call = ([type, shape], reader) => {
  if (!(type instanceof Global && type.name === "numpy.ndarray") || !Array.isArray(shape))
    throw reader.error("_reconstruct(numpy.ndarray, (0,), b'b')", "other arguments");
  reader.charge(WEIGHT.view);
  return new PickledArray();
};

/** NumPy's _frombuffer(data, dtype, shape, order[, axes]); the axes come with order K of NumPy 2. */
const makeFilledArray: Call = ([data, dtype, shape, order, axes], reader) => {
  const isOrder = (letter: string) => order instanceof Text && order.is(letter, reader);
  const known = isOrder("C") ? "C" : isOrder("F") ? "F" : isOrder("K") && isShape(axes) ? axes : undefined;
  if (known === undefined) throw reader.error("an array in order C, F or K", "another");
  return new PickledArray(layOut(data, dtype, shape, known, reader));
};

const makeDtype: Call = ([name], reader) => {
  const [, format] = [...FORMATS].find(([known]) => name instanceof Text && name.is(known, reader)) ?? [];
  if (format) return new NumpyDtype(format);
  const got = name instanceof Text ? name.show(reader) : "something else";
  throw reader.error("dtype f2, f4 or f8", got, 'save the array as floats: array.astype("float32")');
};

/** Protocols 0 to 2 have no opcode for bytes: Python writes them as text with a call that encodes it. */
const encode: Call = ([text, encoding], reader) => {
  if (!(text instanceof Text && encoding instanceof Text && encoding.is("latin1", reader)))
    throw reader.error("_codecs.encode(text, 'latin1')", "other arguments");
  return text.encodeLatin1(reader);
};

const makeNoBytes: Call = (args, reader) => {
  if (args.length > 0) throw reader.error("bytes()", "arguments");
  reader.charge(WEIGHT.view);
  return new Uint8Array(0);
};

/** Names that a pickle may use. No other name is ever looked up. */
export const GLOBALS: ReadonlyMap<string, Global> = new Map(
  Object.entries<Call | undefined>({
    "__builtin__.bytes": makeNoBytes,
    "_codecs.encode": encode,
    "builtins.bytes": makeNoBytes,
    "numpy._core.multiarray._reconstruct": makeArray,
    "numpy._core.numeric._frombuffer": makeFilledArray,
    "numpy.core.multiarray._reconstruct": makeArray,
    "numpy.core.numeric._frombuffer": makeFilledArray,
    "numpy.dtype": makeDtype,
    "numpy.ndarray": undefined,
  }).map(([name, call]) => [name, new Global(name, call)]),
);
