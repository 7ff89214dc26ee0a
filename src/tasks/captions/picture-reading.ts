import { DataError, OptionError } from "../../engine/errors.js";
import { candidates, type Files } from "../files.js";
import type { PictureChoices } from "./caption-options.js";
import { FeatureCache, type FeatureStore } from "./feature-cache.js";
import type { PictureLibrary, PictureReading } from "./load-pictures.js";
import { imageNet, type PictureFormat } from "./picture-format.js";
import { type NetworkOptions, type OnnxRuntime, PictureNetwork } from "./picture-network.js";

/** Pixels of a picture's sides where a network learns to see from scratch. */
const SIDE = 48;

/** The outside world as captions see it. `nodePicturePorts` of seqloom/node opens it in Node. */
export interface PicturePorts {
  readonly files: Files;
  /** The library that decodes picture files. */
  readonly pictures?: PictureLibrary | undefined;
  /** The package that runs image networks; undefined for that of `provideOnnx`. */
  readonly onnx?: OnnxRuntime | undefined;
  /** A place for features of pictures. @default they are computed again */
  readonly features?: FeatureStore | undefined;
}

/** An image network's file, and how it is run. */
export interface NetworkChoice {
  /** The network's file. @default found by its name */
  readonly cnn?: string | undefined;
  /** A model file: its network is looked for in the same folder. */
  readonly model?: string | undefined;
  /** Threads that compute. @default one for each core */
  readonly threads?: number | undefined;
}

/**
 * Opens an image network in ONNX form.
 * @throws DataError if the file is missing or is not such a network
 * @throws OptionError for an output that it does not have
 */
export async function openNetwork(
  path: string,
  { files, onnx }: PicturePorts,
  options: NetworkOptions = {},
): Promise<PictureNetwork> {
  const bytes = files.read(path, "a network in ONNX form");
  return PictureNetwork.open(path, bytes, files.digest([bytes]), { runtime: onnx, ...options });
}

/** The form in which a new model reads pictures. */
export async function chooseReading(
  { size, cnn, cnnOutput, mean, deviation, channelOrder }: PictureChoices,
  { cache: isAsked, threads }: NetworkChoice & { readonly cache?: string | undefined },
  ports: PicturePorts,
): Promise<PictureReading> {
  const given = {
    mean: threeOf(mean, imageNet.mean),
    deviation: threeOf(deviation, imageNet.deviation),
    channels: channelOrder ?? ("rgb" as const),
  };
  if (given.deviation.some((each) => each <= 0))
    throw new OptionError(`deviation: expected numbers above 0, got ${deviation}.`);
  if (cnn !== undefined) {
    const options = { ...given, output: cnnOutput, size, threads };
    const network = await openNetwork(findNetwork(cnn, ports.files), ports, options);
    return { format: network.format, network, cache: openCache(network.format, ports) };
  }
  for (const [flag, value, hint] of [
    ["cnnOutput", cnnOutput, "it names a value of that network"],
    ["cache", isAsked, "it keeps what that network says"],
  ])
    if (value !== undefined) throw new OptionError(`${flag}: expected \`cnn\` too, got none.`, hint);
  return { format: { height: size ?? SIDE, width: size ?? SIDE, ...given } };
}

/**
 * The form in which a trained model reads pictures. Its network's file must be the same, wherever it lies.
 * @throws DataError if it is not found
 */
export async function restoreReading(
  format: PictureFormat,
  { cnn, model, threads }: NetworkChoice,
  ports: PicturePorts,
): Promise<PictureReading> {
  if (!format.network) return { format };
  const { file, sha256, output } = format.network;
  const { files, onnx: runtime } = ports;
  const beside = model === undefined ? [] : [files.resolve(files.folderOf(model), file)];
  const paths = cnn === undefined ? [...beside, ...candidates(files, file)] : candidates(files, cnn);
  const found = paths.filter((path) => files.kindOf(path) === "file");
  for (const path of found) {
    const bytes = files.read(path, "a network in ONNX form");
    if (files.digest([bytes]) !== sha256) continue;
    const { mean, deviation, channels, height } = format;
    const isFree = height === format.width;
    const options = { mean, deviation, channels, output, threads, runtime, ...(isFree && { size: height }) };
    const network = await PictureNetwork.open(path, bytes, sha256, options);
    return { format, network, cache: openCache(format, ports) };
  }
  const got = found.length > 0 ? `another one in ${found.join(", ")}` : `none; looked for ${paths.join(", ")}`;
  throw new DataError(
    `${file}: expected the network with which the model was trained (SHA-256 ${sha256.slice(0, 12)}…), got ${got}.`,
    "`cnn` names its file",
  );
}

function openCache(format: PictureFormat, { features, files }: PicturePorts): FeatureCache | undefined {
  return features && new FeatureCache(format, features, files);
}

function findNetwork(name: string, files: Files): string {
  const paths = candidates(files, name);
  const found = paths.find((path) => files.kindOf(path) === "file");
  if (found !== undefined) return found;
  throw new DataError(
    `${name}: expected an image network in ONNX form, got no such file; looked for ${paths.join(", ")}.`,
    "docs/captions.md says how to get one",
  );
}

function threeOf(list: string | undefined, usual: readonly [number, number, number]): [number, number, number] {
  const [a = usual[0], b = usual[1], c = usual[2]] = list?.split(",").map(Number) ?? [];
  return [a, b, c];
}
