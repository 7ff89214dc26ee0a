import * as z from "zod/mini";
import { DataError } from "../../engine/errors.js";
import type { Matrix } from "../../files/dtypes.js";

const size = z.int().check(z.minimum(1), z.maximum(65_536));
const numbers = z.array(z.number()).check(z.minLength(1), z.maxLength(65_536));

/** What stands in the model file. */
export const FrameFormatJSON = z
  .object({ isSound: z.boolean(), stack: size, mean: numbers, deviation: numbers })
  .check(z.refine(({ mean, deviation }) => mean.length === deviation.length));
export type FrameFormatJSON = z.infer<typeof FrameFormatJSON>;

/**
 * How a file's frames become those that a model reads: each column is brought to mean 0 and deviation 1, as in training, and
 * so many frames in a row are made one.
 */
export class FrameFormat {
  /** Numbers in a frame of a file. */
  readonly width: number;
  /** Numbers in a frame that the model reads. */
  readonly size: number;
  readonly #json: FrameFormatJSON;
  readonly #scale: readonly number[];

  constructor(json: FrameFormatJSON) {
    const { mean, deviation, stack } = json;
    this.#json = json;
    this.width = mean.length;
    this.size = this.width * stack;
    // A column that was the same throughout training, but for rounding, says nothing.
    this.#scale = deviation.map((each, d) => (each > 1e-6 * Math.abs(mean[d] ?? 0) ? 1 / each : 0));
  }

  /**
   * The format of some files' frames, all of one width.
   * @param isSound whether the files are sounds, and not matrices
   * @param stack frames that are made one
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

  /** Whether files are sounds, and not matrices. */
  get isSound(): boolean {
    return this.#json.isSound;
  }

  /** Frames of a file that are made one. */
  get stack(): number {
    return this.#json.stack;
  }

  /**
   * A file's frames as the model reads them, (T, size). Where the last ones do not fill one, the very last is repeated.
   * @param name how errors call the file
   * @throws DataError where its frames are of another width
   */
  encode(name: string, { width, values }: Matrix): Float32Array {
    if (width !== this.width)
      throw new DataError(
        `${name}: expected frames of ${this.width} numbers, as in training, got frames of ${width}.`,
        "make them as those were made that the model was trained on",
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
