import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DataError, OptionError } from "../../engine/errors.js";
import { placesOf } from "../../node/datasets.js";
import { readBytes } from "../../node/files.js";
import { requireOnnx } from "../../node/onnx.js";
import type { PictureChoices } from "./caption-options.js";
import { FeatureCache } from "./feature-cache.js";
import { provideOnnx } from "./onnx-runtime.js";
import { imageNet, type PictureFormat } from "./picture-format.js";
import { type NetworkOptions, PictureNetwork } from "./picture-network.js";

provideOnnx(requireOnnx);

/** Pixels of a picture's sides where a network learns to see from scratch. */
const SIDE = 48;

/** How pictures become numbers: their pixels, or a network's features. */
export interface PictureReading {
  readonly format: PictureFormat;
  readonly network?: PictureNetwork | undefined;
  readonly cache?: FeatureCache | undefined;
}

/** Where networks are looked for, what may compute, and where features are kept. */
export interface NetworkPlaces {
  /** The network's file, where it is given. */
  readonly cnn?: string | undefined;
  /** Beside which it may lie. */
  readonly model?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly cache?: string | undefined;
  readonly threads?: number | undefined;
}

/** Opens an image network in ONNX form. @throws DataError where it is missing or none, OptionError for a wrong output */
export async function openNetwork(path: string, options: NetworkOptions = {}): Promise<PictureNetwork> {
  const bytes = readBytes(path, "a network in ONNX form");
  return PictureNetwork.open(path, bytes, digestOf(bytes), options);
}

/** How a new model is to read pictures. */
export async function chooseReading(
  { size, cnn, cnnOutput, mean, deviation, channelOrder }: PictureChoices,
  { dataDir, cache, threads }: NetworkPlaces,
): Promise<PictureReading> {
  const given = {
    mean: threeOf(mean, imageNet.mean),
    deviation: threeOf(deviation, imageNet.deviation),
    channels: channelOrder ?? ("rgb" as const),
  };
  if (given.deviation.some((each) => each <= 0))
    throw new OptionError(`--deviation: expected numbers above 0, got ${deviation}.`);
  if (cnn !== undefined) {
    const network = await openNetwork(findNetwork(cnn, dataDir), { ...given, output: cnnOutput, size, threads });
    return { format: network.format, network, cache: new FeatureCache(network.format, cache) };
  }
  for (const [flag, value, hint] of [
    ["--cnn-output", cnnOutput, "it names a value of that network"],
    ["--cache", cache, "it keeps what that network says"],
  ])
    if (value !== undefined) throw new OptionError(`${flag}: expected --cnn too, got none.`, hint);
  return { format: { height: size ?? SIDE, width: size ?? SIDE, ...given } };
}

/**
 * How a model that was trained reads pictures. Its network's file must be the same, wherever it lies.
 * @throws DataError where it is not found
 */
export async function restoreReading(format: PictureFormat, places: NetworkPlaces): Promise<PictureReading> {
  if (!format.network) return { format };
  const { file, sha256, output } = format.network;
  const { cnn, model, dataDir, cache, threads } = places;
  const beside = model === undefined ? [] : [join(dirname(model), file)];
  const paths = cnn === undefined ? [...beside, ...placesOf(file, dataDir)] : placesOf(cnn, dataDir);
  const there = paths.filter(isFile);
  for (const path of there) {
    const bytes = readBytes(path, "a network in ONNX form");
    if (digestOf(bytes) !== sha256) continue;
    const { mean, deviation, channels, height } = format;
    const isFree = height === format.width;
    const options = { mean, deviation, channels, output, threads, ...(isFree && { size: height }) };
    const network = await PictureNetwork.open(path, bytes, sha256, options);
    return { format, network, cache: new FeatureCache(format, cache) };
  }
  const got = there.length > 0 ? `another one in ${there.join(", ")}` : `none; looked for ${paths.join(", ")}`;
  throw new DataError(
    `${file}: expected the network with which the model was trained (SHA-256 ${sha256.slice(0, 12)}…), got ${got}.`,
    "--cnn says where it is",
  );
}

function findNetwork(name: string, dataDir: string | undefined): string {
  const paths = placesOf(name, dataDir);
  const found = paths.find(isFile);
  if (found !== undefined) return found;
  throw new DataError(
    `${name}: expected an image network in ONNX form, got no such file; looked for ${paths.join(", ")}.`,
    "docs/captions.md says how to get one",
  );
}

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

const digestOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function threeOf(list: string | undefined, usual: readonly [number, number, number]): [number, number, number] {
  const [a = usual[0], b = usual[1], c = usual[2]] = list?.split(",").map(Number) ?? [];
  return [a, b, c];
}
