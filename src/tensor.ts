import type { Arena } from "./backend/arena.js";
import type { TouchedRows } from "./layers/touched-rows.js";

/** A place in an arena: an offset in bytes and a shape. */
abstract class Block {
  readonly size: number;

  constructor(
    readonly arena: Arena,
    readonly offset: number,
    readonly shape: readonly number[],
  ) {
    let size = 1;
    for (const n of shape) size *= n;
    this.size = size;
  }

  /** Where the rows from … to of the first axis lie. */
  protected part(from: number, to: number): [arena: Arena, offset: number, shape: number[]] {
    const [count = 1, ...rest] = this.shape;
    return [this.arena, this.offset + (4 * from * this.size) / count, [to - from, ...rest]];
  }
}

/** Float32 numbers, row after row. `data` is a new view each time it is asked for: memory that grows detaches views. */
export class Tensor extends Block {
  get data(): Float32Array {
    return new Float32Array(this.arena.buffer, this.offset, this.size);
  }

  /** The same numbers under another shape of the same size. */
  as(shape: readonly number[]): Tensor {
    return new Tensor(this.arena, this.offset, shape);
  }

  /** The rows from … to of the first axis, in the same memory. */
  rows(from: number, to: number): Tensor {
    return new Tensor(...this.part(from, to));
  }
}

/** Int32 numbers: token ids, targets, lengths. */
export class Ints extends Block {
  get data(): Int32Array {
    return new Int32Array(this.arena.buffer, this.offset, this.size);
  }

  /** The same numbers under another shape of the same size. */
  as(shape: readonly number[]): Ints {
    return new Ints(this.arena, this.offset, shape);
  }

  /** The rows from … to of the first axis, in the same memory. */
  rows(from: number, to: number): Ints {
    return new Ints(...this.part(from, to));
  }
}

/** A trained array and its gradient. A tied weight is the same record in two layers. */
export interface Param {
  readonly name: string;
  readonly value: Tensor;
  readonly grad: Tensor;
  /** Where the gradient is sparse: the rows in which it may differ from 0. The optimizer clears it. */
  readonly touched?: TouchedRows;
}
