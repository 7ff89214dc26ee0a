import type { Tensor } from "../tensor.js";

/** A tensor as rows of `width`, with every index checked. `add` gathers in float64 until `finish` writes it back. */
export class Rows {
  readonly #data: Float32Array;
  readonly #width: number;
  #sums: Float64Array | undefined;

  /** @param convert what is read in place of the data; such rows are not written */
  constructor(tensor: Tensor, width: number, convert?: (values: Float32Array, width: number) => Float32Array) {
    this.#data = convert ? convert(tensor.data, width) : tensor.data;
    this.#width = width;
  }

  at(row: number, column: number): number {
    const value = this.#data[this.#index(row, column)];
    return value ?? Number.NaN;
  }

  set(row: number, column: number, value: number): void {
    this.#data[this.#index(row, column)] = value;
  }

  add(row: number, column: number, value: number): void {
    this.#sums ??= new Float64Array(this.#data.length);
    const i = this.#index(row, column);
    this.#sums[i] = (this.#sums[i] ?? 0) + value;
  }

  fill(value: number): void {
    this.#data.fill(value);
  }

  /** Adds what `add` gathered to the tensor. */
  finish(): void {
    this.#sums?.forEach((sum, i) => {
      this.#data[i] = (this.#data[i] ?? 0) + sum;
    });
    this.#sums = undefined;
  }

  #index(row: number, column: number): number {
    const i = row * this.#width + column;
    if (!(column >= 0 && column < this.#width && i >= 0 && i < this.#data.length))
      throw new RangeError(`expected a place in rows of ${this.#width}, got (${row}, ${column})`);
    return i;
  }
}
