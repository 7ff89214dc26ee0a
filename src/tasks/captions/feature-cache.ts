import type { Files } from "../files.js";
import type { PictureFormat } from "./picture-format.js";
import type { Features } from "./picture-network.js";

/** A place that keeps bytes under names such as `features/5f/03a9…`. */
export interface FeatureStore {
  /** The bytes, or undefined if there are none. */
  read(name: string): Uint8Array | undefined;
  /** @throws SeqloomError if nothing can be written */
  write(name: string, bytes: Uint8Array): void;
}

const DIGEST = 32;
const HEAD = DIGEST + 12;

/**
 * Features that an image network computed, one entry for each picture, named by a digest of all that decides them. An
 * entry that is damaged counts as missing.
 */
export class FeatureCache {
  readonly #store: FeatureStore;
  readonly #files: Pick<Files, "digest">;
  readonly #about: Uint8Array;

  /** @param format the network, and the form in which it is given a picture */
  constructor(format: PictureFormat, store: FeatureStore, files: Pick<Files, "digest">) {
    this.#store = store;
    this.#files = files;
    const { height, width, mean, deviation, channels, network } = format;
    const given = [height, width, mean, deviation, channels];
    const about = JSON.stringify([...given, network?.sha256, network?.output, network?.layout]);
    this.#about = new TextEncoder().encode(`${about}\0`);
  }

  /** @param picture the bytes of its file */
  read(picture: Uint8Array): Features | undefined {
    const bytes = this.#store.read(this.#nameOf(picture));
    if (!bytes || bytes.length < HEAD) return undefined;
    const content = new Uint8Array(bytes.subarray(DIGEST)); // a copy, so that its numbers are aligned
    if (this.#digestOf(content).some((byte, i) => byte !== bytes[i])) return undefined;
    const [Y = 0, X = 0, C = 0] = new Uint32Array(content.buffer, 0, 3);
    return { shape: [Y, X, C], values: new Float32Array(content.buffer, HEAD - DIGEST) };
  }

  /** @throws SeqloomError if the store cannot be written to */
  write(picture: Uint8Array, { shape, values }: Features): void {
    const bytes = new Uint8Array(HEAD + values.byteLength);
    const content = new Uint8Array(HEAD - DIGEST + values.byteLength);
    new Uint32Array(content.buffer, 0, 3).set(shape);
    new Float32Array(content.buffer, HEAD - DIGEST).set(values);
    bytes.set(this.#digestOf(content)); // finds an entry that a power cut shortened
    bytes.set(content, DIGEST);
    this.#store.write(this.#nameOf(picture), bytes);
  }

  #nameOf(picture: Uint8Array): string {
    const name = this.#files.digest([this.#about, picture]);
    return `features/${name.slice(0, 2)}/${name.slice(2)}`;
  }

  /** 32 bytes. */
  #digestOf(bytes: Uint8Array): Uint8Array {
    const hex = this.#files.digest([bytes]);
    return Uint8Array.from({ length: DIGEST }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2) || "0", 16));
  }
}
