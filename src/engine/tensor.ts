/** Memory in which tensors lie. Reading `buffer` again after it has grown gives the new buffer. */
export interface TensorMemory {
  readonly buffer: ArrayBufferLike;
}

/** A block of an arena: an offset in bytes and a shape. */
abstract class Block {
  /** Number of elements, the product of the shape. */
  readonly size: number;

  /**
   * A view of memory that the arena has already handed out; `Arena.tensor` and `Arena.ints` allocate.
   * @param offset in bytes, a multiple of 4
   */
  constructor(
    readonly arena: TensorMemory,
    readonly offset: number,
    readonly shape: readonly number[],
  ) {
    let size = 1;
    for (const n of shape) size *= n;
    this.size = size;
  }

  /** Arena, offset and shape of rows `from` to `to`, the last one not included. */
  protected slice(from: number, to: number): [arena: TensorMemory, offset: number, shape: number[]] {
    const [count = 1, ...rest] = this.shape;
    return [this.arena, this.offset + (4 * from * this.size) / count, [to - from, ...rest]];
  }
}

/** An array of float32 numbers in row-major order. */
export class Tensor extends Block {
  /** A new typed array over the arena's memory. Read it again after an allocation: growing memory detaches views. */
  get data(): Float32Array {
    return new Float32Array(this.arena.buffer, this.offset, this.size);
  }

  /** A view of the same numbers under another shape of the same size, as PyTorch's `view`. */
  as(shape: readonly number[]): Tensor {
    return new Tensor(this.arena, this.offset, shape);
  }

  /** A view of the rows `from` to `to` (not included) of the first axis, in the same memory. */
  rows(from: number, to: number): Tensor {
    return new Tensor(...this.slice(from, to));
  }
}

/** An array of int32 numbers in row-major order: token ids, targets, lengths. */
export class Ints extends Block {
  /** A new typed array over the arena's memory. Read it again after an allocation: growing memory detaches views. */
  get data(): Int32Array {
    return new Int32Array(this.arena.buffer, this.offset, this.size);
  }

  /** A view of the same numbers under another shape of the same size, as PyTorch's `view`. */
  as(shape: readonly number[]): Ints {
    return new Ints(this.arena, this.offset, shape);
  }

  /** A view of the rows `from` to `to` (not included) of the first axis, in the same memory. */
  rows(from: number, to: number): Ints {
    return new Ints(...this.slice(from, to));
  }
}

/** The rows of a sparse gradient (V, D) that may differ from zero. */
export interface SparseRows {
  /** Row numbers in ascending order, or undefined for all V rows. Valid until the next read. */
  readonly ids: Ints | undefined;
  /** Adds the rows of these ids. */
  add(ids: Ints): void;
  /** Removes all rows; the optimizer calls it after it has set the gradient to zero. */
  clear(): void;
}

/** A trainable parameter with its gradient. A tied weight is the same record in two layers. */
export interface Param {
  /** Name in a model file, as in PyTorch: `encoder.lstm.weight_ih_l0`. */
  readonly name: string;
  readonly value: Tensor;
  /** Gradient of the loss, of the shape of `value`. A backward pass adds to it; the optimizer sets it to zero. */
  readonly grad: Tensor;
  /** Rows of a sparse gradient that may differ from zero; undefined for a dense gradient. */
  readonly touched?: SparseRows;
}
