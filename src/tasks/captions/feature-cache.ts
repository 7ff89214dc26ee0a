import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { SeqloomError } from "../../engine/errors.js";
import { reason } from "../../node/files.js";
import type { PictureFormat } from "./picture-format.js";
import type { Features } from "./picture-network.js";

const DIGEST = 32;
const HEAD = DIGEST + 12;

/**
 * What an image network said of pictures, kept on disk: a file for each picture, named after all that decides what is in
 * it. A file that is not whole is taken for none.
 */
export class FeatureCache {
  readonly #folder: string;
  readonly #about: string;

  /** @param format the network, and what it is given of a picture */
  constructor(format: PictureFormat, folder = userCacheFolder()) {
    this.#folder = join(folder, "features");
    const { height, width, mean, deviation, channels, network } = format;
    const given = [height, width, mean, deviation, channels];
    this.#about = JSON.stringify([...given, network?.sha256, network?.output, network?.layout]);
  }

  /** @param picture the bytes that it was made of */
  read(picture: Uint8Array): Features | undefined {
    let bytes: Uint8Array;
    try {
      bytes = readFileSync(this.#pathOf(picture));
    } catch {
      return undefined;
    }
    const content = new Uint8Array(bytes.subarray(DIGEST)); // a copy, so that its numbers are aligned
    if (bytes.length < HEAD || !digestOf(content).equals(bytes.subarray(0, DIGEST))) return undefined;
    const [Y = 0, X = 0, C = 0] = new Uint32Array(content.buffer, 0, 3);
    return { shape: [Y, X, C], values: new Float32Array(content.buffer, HEAD - DIGEST) };
  }

  /** @throws SeqloomError where the folder cannot be written to */
  write(picture: Uint8Array, { shape, values }: Features): void {
    const content = new Uint8Array(HEAD - DIGEST + values.byteLength);
    new Uint32Array(content.buffer, 0, 3).set(shape);
    new Float32Array(content.buffer, HEAD - DIGEST).set(values);
    const path = this.#pathOf(picture);
    const temporary = `${path}.${process.pid}.new`;
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, Buffer.concat([digestOf(content), content])); // its digest tells what a power cut took
      renameSync(temporary, path);
    } catch (cause) {
      throw new SeqloomError(
        `${path}: expected a place for features, got ${reason(cause)}.`,
        "--cache names another folder",
      );
    }
  }

  #pathOf(picture: Uint8Array): string {
    const name = createHash("sha256").update(this.#about).update("\0").update(picture).digest("hex");
    return join(this.#folder, name.slice(0, 2), name.slice(2));
  }
}

const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Where things are kept that can be made again. */
export function userCacheFolder(): string {
  const { platform, env } = process;
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(homedir(), "AppData", "Local"), "seqloom", "cache");
  if (platform === "darwin") return join(homedir(), "Library", "Caches", "seqloom");
  return join(env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "seqloom");
}
