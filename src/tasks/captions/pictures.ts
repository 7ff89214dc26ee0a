import type { Workspace } from "../../engine/backend/arena.js";
import type { Tensor } from "../../engine/tensor.js";
import type { Sources } from "../../models/sources.js";
import { type PictureFormat, type PixelWriter, pixelWriter } from "./picture-format.js";

/** Pixels, (Y, X, 3) bytes, or what a network has made of them, (Y, X, C) numbers. */
export type Picture = Uint8Array | Float32Array;

/** Pictures of one size. Where several rows have the same picture, it is in memory once. */
export class Pictures implements Sources {
  readonly arrays: readonly Picture[];
  readonly #shape: readonly [Y: number, X: number, C: number];
  readonly #write: PixelWriter;
  readonly #scale: number;

  /** @param pictures that of each row */
  constructor(shape: readonly [Y: number, X: number, C: number], pictures: readonly Picture[], format: PictureFormat) {
    this.arrays = pictures;
    this.#shape = shape;
    this.#write = pixelWriter(format);
    this.#scale = format.network?.scale ?? 1;
  }

  get count(): number {
    return this.arrays.length;
  }

  get steps(): number {
    return this.count * this.length();
  }

  /** Places of a picture. */
  length(): number {
    const [Y, X] = this.#shape;
    return Y * X;
  }

  row(r: number): Picture {
    const picture = this.arrays[r];
    if (!picture) throw new RangeError(`Pictures: expected a row below ${this.count}, got ${r}.`);
    return picture;
  }

  /** (N, Y, X, C) */
  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): { values: Tensor; lengths: undefined } {
    const values = workspace.tensor(name, [rows.length, ...this.#shape]);
    const into = values.data;
    const size = into.length / rows.length;
    for (let n = 0; n < rows.length; n++) {
      const [picture, place] = [this.row(rows[n] ?? 0), into.subarray(n * size, (n + 1) * size)];
      if (picture instanceof Uint8Array) this.#write(picture, place);
      else for (let i = 0; i < size; i++) place[i] = (picture[i] ?? 0) * this.#scale;
    }
    return { values, lengths: undefined };
  }
}
