import * as z from "zod/mini";
import type { Workspace } from "../../engine/backend/arena.js";
import { DataError } from "../../engine/errors.js";
import type { Ints, Tensor } from "../../engine/tensor.js";
import type { Matrix } from "../../files/dtypes.js";
import type { Sources } from "../../models/sources.js";
import { packLengths } from "../../models/sources.js";

const size = z.int().check(z.minimum(1), z.maximum(65_536));
const numbers = z.array(z.number()).check(z.minLength(1), z.maxLength(65_536));

/** `FrameFormat` in the model file. */
export const FrameFormatJSON = z
  .object({ isSound: z.boolean(), stack: size, mean: numbers, deviation: numbers })
  .check(z.refine(({ mean, deviation }) => mean.length === deviation.length));
export type FrameFormatJSON = z.infer<typeof FrameFormatJSON>;

/**
 * Turns the frames of a file into those of a model: each column is normalized to mean 0 and standard deviation 1 by the
 * statistics of training, and `stack` frames in a row are joined into one.
 */
export class FrameFormat {
  /** Numbers in a frame of a file. */
  readonly width: number;
  /** Numbers in a frame of the model. */
  readonly size: number;
  readonly #json: FrameFormatJSON;
  readonly #scale: readonly number[];

  constructor(json: FrameFormatJSON) {
    const { mean, deviation, stack } = json;
    this.#json = json;
    this.width = mean.length;
    this.size = this.width * stack;
    // A column that was constant in training, up to rounding, carries no information.
    this.#scale = deviation.map((each, d) => (each > 1e-6 * Math.abs(mean[d] ?? 0) ? 1 / each : 0));
  }

  /**
   * The format for frames of one width, with their statistics.
   * @param isSound true for sounds, false for matrices
   * @param stack frames that are joined into one
   */
  static of(matrices: Iterable<Matrix>, { isSound, stack }: { isSound: boolean; stack: number }): FrameFormat {
    const [mean, squares]: [number[], number[]] = [[], []];
    let count = 0;
    for (const { width, values } of matrices)
      for (let at = 0; at < values.length; at += width) {
        count++;
        for (let d = 0; d < width; d++) {
          const [x = 0, before = 0] = [values[at + d], mean[d]];
          const now = before + (x - before) / count; // Welford 1962
          mean[d] = now;
          squares[d] = (squares[d] ?? 0) + (x - before) * (x - now);
        }
      }
    return new FrameFormat({ isSound, stack, mean, deviation: squares.map((sum) => Math.sqrt(sum / count)) });
  }

  /** True for sounds, false for matrices. */
  get isSound(): boolean {
    return this.#json.isSound;
  }

  /** Frames of a file that are joined into one. */
  get stack(): number {
    return this.#json.stack;
  }

  /**
   * The frames of a file as the model reads them, (T, size). The last frame is repeated to fill the last stack.
   * @param name for errors
   * @throws DataError for frames of another width
   */
  encode(name: string, { width, values }: Matrix): Float32Array {
    if (width !== this.width)
      throw new DataError(
        `${name}: expected frames of ${this.width} numbers, as in training, got frames of ${width}.`,
        "make them in the same way as the training data",
      );
    const { mean } = this.#json;
    const encoded = new Float32Array(Math.ceil(values.length / this.size) * this.size);
    for (let i = 0; i < encoded.length; i++) {
      const d = i % width;
      const x = values[Math.min(i, values.length - width + d)] ?? 0;
      encoded[i] = (x - (mean[d] ?? 0)) * (this.#scale[d] ?? 0);
    }
    return encoded;
  }

  toJSON(): FrameFormatJSON {
    return this.#json;
  }
}

/** Frames of real numbers, all of one width, in rows of different lengths. */
export class Frames implements Sources {
  readonly #rows: readonly Float32Array[];

  /** @param rows (T, width) each */
  constructor(
    readonly width: number,
    rows: readonly Float32Array[],
  ) {
    this.#rows = rows;
  }

  get count(): number {
    return this.#rows.length;
  }

  get steps(): number {
    return this.#rows.reduce((sum, { length }) => sum + length, 0) / this.width;
  }

  get arrays(): readonly (Float32Array | Float64Array)[] {
    return [...this.#rows, Float64Array.from(this.#rows, ({ length }) => length)];
  }

  row(r: number): Float32Array {
    return this.#rows[r] ?? new Float32Array();
  }

  length(r: number): number {
    return this.row(r).length / this.width;
  }

  /** Padding is zeros. */
  pack(workspace: Workspace, name: string, rows: ArrayLike<number>): { values: Tensor; lengths: Ints | undefined } {
    const { T, lengths } = packLengths(workspace, name, this, rows);
    const values = workspace.tensor(name, [rows.length, T, this.width]);
    const into = values.data.fill(0);
    for (let n = 0; n < rows.length; n++) into.set(this.row(rows[n] ?? 0), n * T * this.width);
    return { values, lengths };
  }
}
