import { DataError, nearestFew, OptionError, quote, ShapeError } from "../../engine/errors.js";
import { readOnnxGraph, withOutput } from "../../files/onnx-graph.js";
import { imageNet, type PictureFormat, type PixelWriter, pixelWriter } from "./picture-format.js";

/** The part of onnxruntime-node or onnxruntime-web that is used. The application installs the package. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<OnnxSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

/** A network ready to run. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  /** Types and shapes of the inputs; missing in older versions. */
  readonly inputMetadata?: readonly { readonly type?: string; readonly shape?: readonly (number | string)[] }[];
  run(feeds: Readonly<Record<string, OnnxTensor>>, fetches: readonly string[]): Promise<Record<string, OnnxTensor>>;
}

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

let find: () => OnnxRuntime | undefined = () => undefined;

/**
 * Provides the package that runs image networks. `nodePicturePorts` does it in Node; a page calls this.
 *
 * @example
 * import * as ort from "onnxruntime-web";
 * provideOnnx(() => ort);
 */
export function provideOnnx(runtime: () => OnnxRuntime | undefined): void {
  find = runtime;
}

/** The package. @throws DataError where there is none */
export function expectOnnx(name: string): OnnxRuntime {
  const runtime = find();
  if (runtime) return runtime;
  throw new DataError(
    `${name}: expected the package onnxruntime-node, which runs image networks, got none.`,
    "npm install onnxruntime-node; in a page, onnxruntime-web",
  );
}

/** The features of a picture, (Y, X, C). */
export interface Features {
  readonly shape: readonly [Y: number, X: number, C: number];
  readonly values: Float32Array;
}

/** Options of an image network. */
export interface NetworkOptions extends Partial<Pick<PictureFormat, "mean" | "deviation" | "channels">> {
  /** The output to read, or any inner value by its name. @default the first output */
  readonly output?: string | undefined;
  /** Pixels of a picture's sides. @default what the network is made for, or else 224 */
  readonly size?: number | undefined;
  /** Threads that compute. @default one for each core */
  readonly threads?: number | undefined;
  /** The package that runs the network. @default that of `provideOnnx` */
  readonly runtime?: OnnxRuntime | undefined;
}

/** Largest batch, if the network does not fix one. */
const BATCH = 16;

/** A pretrained image network in ONNX form. Its weights stay frozen. */
export class PictureNetwork {
  readonly format: PictureFormat;
  readonly #name: string;
  readonly #runtime: OnnxRuntime;
  readonly #session: OnnxSession;
  readonly #batch: number | undefined;
  readonly #write: PixelWriter;

  private constructor(
    name: string,
    runtime: OnnxRuntime,
    session: OnnxSession,
    format: PictureFormat,
    batch: number | undefined,
  ) {
    [this.#name, this.#runtime, this.#session, this.format, this.#batch] = [name, runtime, session, format, batch];
    this.#write = pixelWriter(format, format.network?.layout);
  }

  /**
   * @param name for errors
   * @param sha256 of the file
   * @throws OptionError if the network has no such output, DataError if it does not read pictures
   */
  static async open(
    name: string,
    bytes: Uint8Array,
    sha256: string,
    { output: asked, size, threads, runtime = expectOnnx(name), ...options }: NetworkOptions = {},
  ): Promise<PictureNetwork> {
    const { outputs, inner } = readOnnxGraph(name, bytes);
    const output = asked ?? outputs[0] ?? "";
    if (!outputs.includes(output) && !inner.includes(output)) throw unknownOutput(name, output, outputs, inner);
    const session = await openSession(
      name,
      runtime,
      outputs.includes(output) ? bytes : withOutput(bytes, output),
      threads,
    );
    const { batch, layout, height, width } = readInput(name, session, size);
    const { mean = [...imageNet.mean], deviation = [...imageNet.deviation], channels = "rgb" } = options;
    const network = { file: name.replace(/^.*[/\\]/, ""), sha256, output, layout, scale: 1 };
    return new PictureNetwork(name, runtime, session, { height, width, mean, deviation, channels, network }, batch);
  }

  /** The features of pictures, each (height, width, 3) bytes. */
  async features(pictures: readonly Uint8Array[]): Promise<Features[]> {
    const found: Features[] = [];
    const size = this.#batch ?? BATCH;
    for (let from = 0; from < pictures.length; from += size)
      found.push(...(await this.#run(pictures.slice(from, from + size))));
    return found;
  }

  async #run(pictures: readonly Uint8Array[]): Promise<Features[]> {
    const { height, width, network } = this.format;
    const [N, size] = [this.#batch ?? pictures.length, 3 * height * width];
    const pixels = new Float32Array(N * size);
    for (const [n, picture] of pictures.entries()) this.#write(picture, pixels.subarray(n * size, (n + 1) * size));
    const shape = network?.layout === "nhwc" ? [N, height, width, 3] : [N, 3, height, width];
    const output = network?.output ?? "";
    const [input = ""] = this.#session.inputNames;
    const feeds = { [input]: new this.#runtime.Tensor("float32", pixels, shape) };
    const { [output]: result } = await this.#session.run(feeds, [output]).catch((cause) => {
      throw new DataError(
        `${this.#name}: expected a network that reads (${shape.join(", ")}), got: ${wordsOf(cause)}.`,
      );
    });
    if (!(result?.data instanceof Float32Array))
      throw new DataError(`${this.#name}: expected numbers of 32 bits in ${quote(output)}, got others.`);
    const { data, dims } = result;
    if (dims[0] !== N)
      throw new ShapeError(
        `${this.#name}: expected an output of shape (${N}, …), one row for each picture, got (${dims.join(", ")}).`,
        "cnnOutput names another",
      );
    const each = data.length / N;
    return pictures.map((_, n) => this.#toFeatures(data.slice(n * each, (n + 1) * each), dims));
  }

  /** (C, Y, X) becomes (Y, X, C), a vector (1, 1, C). */
  #toFeatures(values: Float32Array, dims: readonly number[]): Features {
    const [, a = 1, b = 1, c = 1] = dims;
    if (dims.length === 2) return { shape: [1, 1, a], values };
    if (dims.length !== 4)
      throw new ShapeError(
        `${this.#name}: expected an output of shape (N, C, Y, X) or (N, F), got (${dims.join(", ")}).`,
        "cnnOutput names another",
      );
    if (this.format.network?.layout === "nhwc") return { shape: [a, b, c], values };
    const [C, area] = [a, b * c];
    const moved = new Float32Array(values.length);
    for (let i = 0; i < area; i++) for (let k = 0; k < C; k++) moved[i * C + k] = values[k * area + i] ?? 0;
    return { shape: [b, c, C], values: moved };
  }
}

function unknownOutput(
  name: string,
  output: string,
  outputs: readonly string[],
  inner: readonly string[],
): OptionError {
  const near = nearestFew(output, [...outputs, ...inner], 3);
  const last = inner.slice(-3).toReversed().map(quote).join(", ");
  return new OptionError(
    `${name}: expected one of its outputs (${outputs.map(quote).join(", ")}) or of its ${inner.length} inner values, got ${quote(output)}.`,
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `the last inner values are ${last}`,
  );
}

async function openSession(
  name: string,
  runtime: OnnxRuntime,
  bytes: Uint8Array,
  threads: number | undefined,
): Promise<OnnxSession> {
  try {
    const options = { logSeverityLevel: 3, ...(threads !== undefined && { intraOpNumThreads: threads }) };
    return await runtime.InferenceSession.create(bytes, options);
  } catch (cause) {
    throw new DataError(
      `${name}: expected a network that onnxruntime can run, got: ${wordsOf(cause)}.`,
      "its weights must stand in the file itself, not in one beside it",
    );
  }
}

/** The shape of the input, as far as the network fixes it: a name instead of a number allows any size. */
function readInput(name: string, { inputNames, inputMetadata }: OnnxSession, size: number | undefined) {
  const [{ type = "float32", shape = [] } = {}] = inputMetadata ?? [];
  const [N, a, b, c] = shape;
  const layout = c === 3 && a !== 3 ? ("nhwc" as const) : ("nchw" as const);
  const [channels, Y, X] = layout === "nchw" ? [a, b, c] : [c, a, b];
  const isPicture = (shape.length === 4 || shape.length === 0) && (channels === 3 || typeof channels !== "number");
  if (inputNames.length !== 1 || type !== "float32" || !isPicture)
    throw new DataError(
      `${name}: expected one input of shape (N, 3, Y, X) in 32-bit numbers, got ${inputNames.length === 1 ? `(${shape.join(", ")}) in ${type}` : `${inputNames.length} inputs`}.`,
    );
  const sideOf = (side: number | string | undefined): number => {
    if (typeof side !== "number") return size ?? imageNet.size;
    if (size !== undefined && side !== size)
      throw new OptionError(`size: expected ${Y} × ${X}, for which ${name} is made, got ${size}.`, "leave it out");
    return side;
  };
  return { batch: typeof N === "number" ? N : undefined, layout, height: sideOf(Y), width: sideOf(X) };
}

const wordsOf = (cause: unknown): string =>
  ((cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] ?? "").replace(/[:.\s]+$/, "");
