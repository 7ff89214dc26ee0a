import { DataError } from "../engine/errors.js";

/** Names in the graph of an ONNX file. */
export interface OnnxGraph {
  readonly outputs: readonly string[];
  /** Names of the intermediate values, in the order of computation. */
  readonly inner: readonly string[];
}

/** Field numbers of ModelProto, GraphProto, NodeProto and ValueInfoProto. Source: onnx.proto3 of ONNX 1.16. */
const GRAPH = 7;
const [NODE, OUTPUT] = [1, 12];
const NODE_OUTPUT = 2;
const NAME = 1;

/**
 * Reads the names of a network's outputs and intermediate values.
 *
 * @param name of the file in errors
 * @throws DataError if the file is not ONNX
 */
export function readOnnxGraph(name: string, bytes: Uint8Array): OnnxGraph {
  const decoder = new TextDecoder();
  const texts = (message: Uint8Array, field: number): string[] =>
    fieldsOf(message, field).map((text) => decoder.decode(text));
  try {
    const graphs = fieldsOf(bytes, GRAPH);
    const outputs = graphs.flatMap((graph) => fieldsOf(graph, OUTPUT).flatMap((value) => texts(value, NAME)));
    const nodes = graphs.flatMap((graph) => fieldsOf(graph, NODE).flatMap((node) => texts(node, NODE_OUTPUT)));
    if (outputs.length > 0) return { outputs, inner: nodes.filter((each) => each !== "" && !outputs.includes(each)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new DataError(`${name}: expected an ONNX network, got a file of another format.`);
}

/**
 * Adds the intermediate value `name` to the outputs of a network. In protobuf, two concatenated messages are one message
 * with the fields of both, so nothing in the file moves.
 */
export function withOutput(bytes: Uint8Array, name: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(name);
  const graph = message(GRAPH, message(OUTPUT, message(NAME, [...text])));
  const longer = new Uint8Array(bytes.length + graph.length);
  longer.set(bytes);
  longer.set(graph, bytes.length);
  return longer;
}

function message(field: number, content: readonly number[]): number[] {
  const size: number[] = [];
  for (let rest = content.length; size.length === 0 || rest > 0; rest >>>= 7)
    size.push(rest > 127 ? (rest & 127) | 128 : rest);
  return [(field << 3) | 2, ...size, ...content];
}

/** Contents of all fields with a number that are bytes, texts or messages. @throws RangeError if it is not protobuf */
function fieldsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, content] = varint(bytes, at);
    const kind = tag % 8;
    if (kind === 0) {
      [, at] = varint(bytes, content);
      continue;
    }
    const [size, from] = kind === 2 ? varint(bytes, content) : [fixed(kind), content];
    if (from + size > bytes.length) throw new RangeError("a field beyond the end");
    if (kind === 2 && Math.floor(tag / 8) === wanted) found.push(bytes.subarray(from, from + size));
    at = from + size;
  }
  return found;
}

/** Size in bytes of the wire types with a fixed size. */
const fixedSizes: ReadonlyMap<number, number> = new Map([
  [1, 8],
  [5, 4],
]);

function fixed(kind: number): number {
  const size = fixedSizes.get(kind);
  if (size === undefined) throw new RangeError("an unknown kind of field");
  return size;
}

/** Reads a number in base 128, the lowest digit first; returns it and the position of the next byte. */
function varint(bytes: Uint8Array, from: number): [value: number, next: number] {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[from + i];
    if (byte === undefined) break;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return [value, from + i + 1];
  }
  throw new RangeError("a number without an end");
}
