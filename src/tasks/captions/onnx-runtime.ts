import { DataError } from "../../engine/errors.js";

/** What is used of onnxruntime-node or onnxruntime-web, which an application installs where it wants it. */
export interface OnnxRuntime {
  readonly InferenceSession: { create(bytes: Uint8Array, options: object): Promise<OnnxSession> };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => OnnxTensor;
}

/** A network that is ready to run. */
export interface OnnxSession {
  readonly inputNames: readonly string[];
  /** What it says of its inputs; older versions say nothing. */
  readonly inputMetadata?: readonly { readonly type?: string; readonly shape?: readonly (number | string)[] }[];
  run(feeds: Readonly<Record<string, OnnxTensor>>, fetches: readonly string[]): Promise<Record<string, OnnxTensor>>;
}

export interface OnnxTensor {
  readonly dims: readonly number[];
  readonly data: unknown;
}

let find: () => OnnxRuntime | undefined = () => undefined;

/**
 * Says where the package comes from when an image network is to be run. In Node this is done; a page does it itself.
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
