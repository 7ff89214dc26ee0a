import type { Tensor } from "../tensor.js";

/** A tensor as rows of `width` numbers, with bounds checks. `add` accumulates in float64 until `finish`. */
export class Rows {
  readonly #data: Float32Array;
  readonly #width: number;
  #sums: Float64Array | undefined;

  /** @param convert applied to the data before it is read; such rows are read-only */
  constructor(tensor: Tensor, width: number, convert?: (values: Float32Array, width: number) => Float32Array) {
    this.#data = convert ? convert(tensor.data, width) : tensor.data;
    this.#width = width;
  }

  /** The element at (row, column). */
  at(row: number, column: number): number {
    const value = this.#data[this.#index(row, column)];
    return value ?? Number.NaN;
  }

  /** Sets the element at (row, column). */
  set(row: number, column: number, value: number): void {
    this.#data[this.#index(row, column)] = value;
  }

  /** Adds to the float64 sum of the element at (row, column). */
  add(row: number, column: number, value: number): void {
    this.#sums ??= new Float64Array(this.#data.length);
    const i = this.#index(row, column);
    this.#sums[i] = (this.#sums[i] ?? 0) + value;
  }

  /** Sets all elements. */
  fill(value: number): void {
    this.#data.fill(value);
  }

  /** Adds the accumulated sums to the tensor. */
  finish(): void {
    this.#sums?.forEach((sum, i) => {
      this.#data[i] = (this.#data[i] ?? 0) + sum;
    });
    this.#sums = undefined;
  }

  #index(row: number, column: number): number {
    const i = row * this.#width + column;
    if (!(column >= 0 && column < this.#width && i >= 0 && i < this.#data.length))
      throw new RangeError(`Rows: expected an element of rows of ${this.#width}, got (${row}, ${column}).`);
    return i;
  }
}
