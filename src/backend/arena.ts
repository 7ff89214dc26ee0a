import { SeqloomError } from "../errors.js";
import { Ints, Tensor } from "../tensor.js";

/** The memory behind an arena: `buffer` is asked for anew each time, and `grow` makes room up to `limit` bytes. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
  readonly limit: number;
  /** The first byte that may be handed out; what lies before belongs to the compiler. Never 0, which means "none". */
  readonly start: number;
  grow(bytes: number): void;
}

const ALIGNMENT = 64;

/** One large memory from which everything a backend computes with is taken. */
export class Arena {
  readonly #memory: Memory;
  #end: number;
  /** Freed blocks: size in bytes → offsets. */
  readonly #free = new Map<number, number[]>();
  #scratch = { offset: 0, bytes: 0 };

  constructor(memory: Memory) {
    this.#memory = memory;
    this.#end = Math.ceil(memory.start / ALIGNMENT) * ALIGNMENT;
  }

  get buffer(): ArrayBufferLike {
    return this.#memory.buffer;
  }

  /** Bytes taken so far, freed blocks included. */
  get bytes(): number {
    return this.#end;
  }

  /** A tensor of zeros. @throws SeqloomError where the memory's limit is reached */
  tensor(shape: readonly number[]): Tensor {
    const tensor = new Tensor(this, this.#take(4 * product(shape)), shape);
    tensor.data.fill(0);
    return tensor;
  }

  ints(shape: readonly number[]): Ints {
    return new Ints(this, this.#take(4 * product(shape)), shape);
  }

  free(block: Tensor | Ints): void {
    const bytes = rounded(4 * block.size);
    const offsets = this.#free.get(bytes);
    if (offsets) offsets.push(block.offset);
    else this.#free.set(bytes, [block.offset]);
  }

  /** The offset of at least so many bytes that the next kernel may use as it likes. */
  scratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) this.#scratch = { offset: this.#take(bytes), bytes };
    return this.#scratch.offset;
  }

  #take(bytes: number): number {
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

/** Blocks that a layer uses again in each call; one that turns out too small is replaced by a larger one. */
export class Room {
  readonly #arena: Arena;
  readonly #blocks = new Map<string, Tensor | Ints>();

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Room for a tensor of this shape under this name. Holds whatever was there. */
  tensor(name: string, shape: readonly number[]): Tensor {
    const block = this.#block(name, shape, (size) => this.#arena.tensor([size]));
    return new Tensor(this.#arena, block.offset, shape);
  }

  ints(name: string, shape: readonly number[]): Ints {
    const block = this.#block(name, shape, (size) => this.#arena.ints([size]));
    return new Ints(this.#arena, block.offset, shape);
  }

  /** Gives all blocks back. */
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
