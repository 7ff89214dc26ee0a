import { SeqloomError } from "../errors.js";
import { Ints, Tensor, type TensorMemory } from "../tensor.js";

/** The memory behind an arena, which a backend supplies. `buffer` may be another object after `grow`. */
export interface ArenaMemory extends TensorMemory {
  /** Largest size that `grow` accepts, in bytes. */
  readonly limit: number;
  /** Offset of the first byte that may be allocated, after those of the compiler. Never 0, which means "no array". */
  readonly start: number;
  /** Makes the first `bytes` bytes usable. */
  grow(bytes: number): void;
}

const ALIGNMENT = 64;

/** The allocator of a backend: every tensor, kernel buffer and thread stack is a block of its one large memory. */
export class Arena implements TensorMemory {
  readonly #memory: ArenaMemory;
  #end: number;
  /** Freed blocks: size in bytes → offsets. */
  readonly #free = new Map<number, number[]>();
  #scratch = { offset: 0, bytes: 0 };

  constructor(memory: ArenaMemory) {
    this.#memory = memory;
    this.#end = Math.ceil(memory.start / ALIGNMENT) * ALIGNMENT;
  }

  /** The memory itself. Read it again after an allocation, which may replace it. */
  get buffer(): ArrayBufferLike {
    return this.#memory.buffer;
  }

  /** Bytes allocated so far, freed blocks included. */
  get bytes(): number {
    return this.#end;
  }

  /** Allocates a tensor of zeros. @throws SeqloomError when the limit of the memory is reached */
  tensor(shape: readonly number[]): Tensor {
    const tensor = new Tensor(this, this.#allocate(4 * product(shape)), shape);
    tensor.data.fill(0);
    return tensor;
  }

  /** Allocates an int32 array of undefined values. @throws SeqloomError when the limit of the memory is reached */
  ints(shape: readonly number[]): Ints {
    return new Ints(this, this.#allocate(4 * product(shape)), shape);
  }

  /** Frees a block, which a later allocation of the same size reuses. */
  free(block: Tensor | Ints): void {
    const bytes = rounded(4 * block.size);
    const offsets = this.#free.get(bytes);
    if (offsets) offsets.push(block.offset);
    else this.#free.set(bytes, [block.offset]);
  }

  /** Byte offset of a scratch buffer of at least `bytes` bytes, valid until the next call: all kernels share it. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) this.#scratch = { offset: this.#allocate(bytes), bytes };
    return this.#scratch.offset;
  }

  #allocate(bytes: number): number {
    const size = rounded(bytes);
    const freed = this.#free.get(size)?.pop();
    if (freed !== undefined) return freed;
    const offset = this.#end;
    if (offset + size > this.#memory.limit) {
      const [needed, limit] = [offset + size, this.#memory.limit].map((n) => `${Math.ceil(n / 2 ** 20)} MiB`);
      throw new SeqloomError(
        `Memory: expected at most ${limit}, the limit of this backend, got a model that needs ${needed} or more.`,
        "choose a smaller model, vocabulary or batch",
      );
    }
    this.#memory.grow(offset + size);
    this.#end = offset + size;
    return offset;
  }
}

/** Named buffers that a layer reuses in every call. A buffer that is too small is replaced by a larger one. */
export class Workspace {
  readonly #arena: Arena;
  readonly #blocks = new Map<string, Tensor | Ints>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** The float32 buffer `name` in this shape. Its values are those of its last use. */
  tensor(name: string, shape: readonly number[]): Tensor {
    const block = this.#block(name, shape, (size) => this.#arena.tensor([size]));
    return new Tensor(this.#arena, block.offset, shape);
  }

  /** The int32 buffer `name` in this shape. Its values are those of its last use. */
  ints(name: string, shape: readonly number[]): Ints {
    const block = this.#block(name, shape, (size) => this.#arena.ints([size]));
    return new Ints(this.#arena, block.offset, shape);
  }

  /** Frees all buffers. */
  free(): void {
    for (const block of this.#blocks.values()) this.#arena.free(block);
    this.#blocks.clear();
  }

  #block(name: string, shape: readonly number[], make: (size: number) => Tensor | Ints): Tensor | Ints {
    const size = product(shape);
    const block = this.#blocks.get(name);
    if (block && block.size >= size) return block;
    if (block) this.#arena.free(block);
    const larger = make(size);
    this.#blocks.set(name, larger);
    return larger;
  }
}

function product(shape: readonly number[]): number {
  let total = 1;
  for (const n of shape) total *= n;
  return total;
}

function rounded(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / ALIGNMENT)) * ALIGNMENT;
}
