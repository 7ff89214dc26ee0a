import { DataError } from "../engine/errors.js";
import type { NamedArray } from "./dtypes.js";
import { NumpyArray } from "./numpy-array.js";
import type { PickleValue } from "./pickle.js";

/**
 * Reads the arrays that the book's `save_params` writes, one after the other.
 *
 * The book stores weights as (D, 4H) and orders the gates of an LSTM f, g, i, o; here they are transposed and ordered
 * i, f, g, o.
 */
export class BookArrays {
  readonly #name: string;
  readonly #remaining: NumpyArray[];

  /** @throws DataError for anything but a list of at least five arrays */
  constructor(name: string, value: PickleValue) {
    this.#name = name;
    this.#remaining = Array.isArray(value) ? value.filter((item) => item instanceof NumpyArray) : [];
    if (!Array.isArray(value) || this.#remaining.length !== value.length || this.#remaining.length < 5)
      throw this.error("the list of arrays that the book's save_params writes", "something else");
  }

  /** Number of arrays not yet taken. */
  get count(): number {
    return this.#remaining.length;
  }

  error(expected: string, got: string): DataError {
    return new DataError(`${this.#name}: expected ${expected}, got ${got}.`);
  }

  /** Shape of an array not yet taken; the next one has number 0. */
  shapeOf(number: number): readonly number[] {
    return this.#remaining[number]?.shape ?? [];
  }

  /** Takes the next array. @param shape letters stand for any size. @throws DataError if it has another shape */
  take(what: string, ...shape: (number | string)[]): NumpyArray {
    const array = this.#remaining.shift();
    const where = `${this.#name}: ${what}`;
    if (array && !array.data.every(Number.isFinite))
      throw new DataError(`${where}: expected finite numbers, got NaN or infinity.`);
    if (
      array &&
      array.data.length > 0 &&
      array.shape.length === shape.length &&
      shape.every((n, i) => typeof n === "string" || n === array.shape[i])
    )
      return array;
    throw new DataError(
      `${where}: expected shape (${shape.join(", ")}), got ${array ? `(${array.shape.join(", ")})` : "no array"}.`,
    );
  }

  /** Takes Wx (D, 4H), Wh (H, 4H) and b (4H), returns them under PyTorch's names. @param name of the recurrent layers */
  takeLSTM(name: string, layer: number, what: string, D: number, H: number): [string, NamedArray][] {
    return [
      [`${name}.weight_ih_l${layer}`, gates(this.take(`Wx ${what}`, D, 4 * H), H)],
      [`${name}.weight_hh_l${layer}`, gates(this.take(`Wh ${what}`, H, 4 * H), H)],
      [`${name}.bias_l${layer}`, gates(this.take(`b ${what}`, 4 * H), H)],
    ];
  }
}

/** Converts columns f | g | i | o to rows i | f | g | o. */
function gates(array: NumpyArray, H: number): NamedArray {
  const rows = array.shape.length === 1 ? array : transposed(array);
  const width = rows.data.length / (4 * H);
  const data = new Float32Array(rows.data.length);
  for (const [to, from] of [2, 0, 1, 3].entries())
    data.set(rows.data.subarray(from * H * width, (from + 1) * H * width), to * H * width);
  return { shape: rows.shape, data };
}

/** Transposes a matrix. */
export function transposed({ shape: [R = 0, C = 0], data }: NamedArray): NamedArray {
  const turned = new Float32Array(data.length);
  for (let r = 0; r < R; r++) for (let c = 0; c < C; c++) turned[c * R + r] = data[r * C + c] ?? 0;
  return { shape: [C, R], data: turned };
}
