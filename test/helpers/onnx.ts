/** Float32 numbers of some shape. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

type Attribute = number | readonly number[];

/**
 * Writes networks in ONNX form: operators of set 17 on 32-bit numbers, which is all that convolutional networks need.
 * Each operator takes the names of what it reads and hands back the name of what it makes.
 *
 *     const net = new OnnxWriter("picture", ["N", 3, 224, 224]);
 *     writeFileSync("net.onnx", net.finish([net.add("Relu", [net.conv("picture", weight, bias)])]));
 */
export class OnnxWriter {
  readonly #parts: Uint8Array[] = [];
  readonly #input: Uint8Array;
  #count = 0;

  /** @param shape a name stands for any size */
  constructor(input: string, shape: readonly (number | string)[]) {
    this.#input = field(11, valueInfo(input, shape));
  }

  /** A node of the graph. @returns the name of its output, which is `name` where one is given */
  add(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    name?: string,
  ): string {
    const output = name ?? `${type.toLowerCase()}_${this.#count++}`;
    const parts = [...inputs.map((input) => text(1, input)), text(2, output), text(4, type)];
    for (const [key, value] of Object.entries(attributes)) parts.push(field(5, attribute(key, value)));
    this.#parts.push(field(1, ...parts));
    return output;
  }

  /** Weights of the graph. */
  weights({ shape, data }: Weights): string {
    const name = `weights_${this.#count++}`;
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#parts.push(field(5, ...shape.map((size) => number(1, size)), number(2, FLOAT), text(8, name), field(9, raw)));
    return name;
  }

  /** @param weight (out, in, K, K) */
  conv(
    input: string,
    weight: Weights,
    { bias, stride = 1, pad = 0 }: { bias?: Weights; stride?: number; pad?: number } = {},
  ): string {
    const [, , K = 1] = weight.shape;
    const inputs = [input, this.weights(weight), ...(bias ? [this.weights(bias)] : [])];
    return this.add("Conv", inputs, { kernel_shape: [K, K], strides: [stride, stride], pads: [pad, pad, pad, pad] });
  }

  maxPool(input: string, K: number, stride = K, pad = 0): string {
    const attributes = { kernel_shape: [K, K], strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return this.add("MaxPool", [input], attributes);
  }

  /** @param outputs names of what the network hands out */
  finish(outputs: readonly string[]): Uint8Array {
    const graph = [...this.#parts, text(2, "net"), this.#input, ...outputs.map((name) => field(12, valueInfo(name)))];
    return join([number(1, 8), field(7, ...graph), field(8, number(2, 17))]);
  }
}

const FLOAT = 1;
const [INT, INTS] = [2, 7];

function attribute(name: string, value: Attribute): Uint8Array {
  const isList = typeof value !== "number";
  const values = isList ? value.map((each) => number(8, each)) : [number(3, value)];
  return join([text(1, name), ...values, number(20, isList ? INTS : INT)]);
}

function valueInfo(name: string, shape: readonly (number | string)[] = []): Uint8Array {
  const sizes = shape.map((size) => field(1, typeof size === "number" ? number(1, size) : text(2, size)));
  const type = field(1, number(1, FLOAT), ...(shape.length > 0 ? [field(2, ...sizes)] : []));
  return join([text(1, name), field(2, type)]);
}

/** Fields of protocol buffers: a whole number, and bytes, be they a text or other fields. */
const number = (id: number, value: number): Uint8Array => Uint8Array.from([...varint(id * 8), ...varint(value)]);
const text = (id: number, value: string): Uint8Array => field(id, new TextEncoder().encode(value));

function field(id: number, ...content: readonly Uint8Array[]): Uint8Array {
  const size = content.reduce((sum, part) => sum + part.length, 0);
  return join([Uint8Array.from([...varint(id * 8 + 2), ...varint(size)]), ...content]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
