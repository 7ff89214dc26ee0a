import { expect, vi } from "vitest";
import type { Backend } from "../../src/engine/backend/backend.js";
import { Random } from "../../src/engine/random.js";
import type { Ints, Tensor } from "../../src/engine/tensor.js";
import type { Numbers } from "./close.js";

/** What a buffer holds before a kernel writes it: NaN shows every read of unset memory. */
const POISON_INT = 0x7eadbeef;

/**
 * Where a kernel is called: inputs are drawn from a seed, outputs and scratch are poisoned before the call, and whatever
 * else lies in the arena must be the same bytes after it.
 */
export class Desk {
  readonly random: Random;
  readonly #blocks: (Tensor | Ints)[] = [];
  readonly #scratch: { offset: number; bytes: number };

  /** @param scratch bytes, at least what any call on this backend asks for */
  constructor(
    readonly backend: Backend,
    seed: number,
    scratch = 2 ** 21,
  ) {
    this.random = new Random(seed, 7);
    this.#scratch = { offset: backend.arena.scratch(scratch), bytes: scratch };
  }

  tensor(shape: readonly number[], values: Numbers): Tensor {
    const block = this.#keep(this.backend.arena.tensor(shape));
    expect(values.length, "number of values").toBe(block.size);
    block.data.set(values);
    return block;
  }

  ints(shape: readonly number[], values: Numbers): Ints {
    const block = this.#keep(this.backend.arena.ints(shape));
    expect(values.length, "number of values").toBe(block.size);
    block.data.set(values);
    return block;
  }

  /** Draws from ±scale. */
  uniform(shape: readonly number[], scale = 1): Tensor {
    return this.tensor(shape, draw(this.random, size(shape), scale));
  }

  /** Draws from 0 to n − 1. */
  below(shape: readonly number[], n: number): Ints {
    return this.ints(
      shape,
      Array.from({ length: size(shape) }, () => this.random.below(n)),
    );
  }

  filled(shape: readonly number[], value: number): Tensor {
    return this.tensor(shape, new Float32Array(size(shape)).fill(value));
  }

  /** An output before the call. */
  poison(shape: readonly number[]): Tensor {
    return this.filled(shape, Number.NaN);
  }

  poisonInts(shape: readonly number[]): Ints {
    return this.ints(shape, new Int32Array(size(shape)).fill(POISON_INT));
  }

  /** Runs a kernel and fails if it wrote anything but `writes` and the scratch that it asked for. */
  call(writes: readonly (Tensor | Ints | undefined)[], kernel: () => number): number {
    const { arena } = this.backend;
    const { offset, bytes } = this.#scratch;
    new Float32Array(arena.buffer, offset, bytes / 4).fill(Number.NaN);
    const before = snapshotOf(new Uint8Array(arena.buffer, offset, arena.bytes - offset));
    const [asks, takes] = [vi.spyOn(arena, "scratch"), vi.spyOn(arena, "ints")];
    const result = kernel();
    const asked = asks.mock.calls.map(([n]) => n);
    const taken = takes.mock.results.flatMap(({ type, value }) => (type === "return" ? [value] : [])); // int8 weights
    for (const spy of [asks, takes]) spy.mockRestore();
    expect(Math.max(0, ...asked), "bytes of scratch asked for").toBeLessThanOrEqual(bytes);

    const ranges = [...writes, ...taken]
      .filter((block) => block !== undefined)
      .map((block) => [block.offset, block.offset + 4 * block.size])
      .filter(([start = 0]) => start < offset + before.length); // a block that the call itself took may lie behind
    ranges.push([offset, offset + Math.max(0, ...asked)], [offset + before.length, offset + before.length]);
    let from = offset;
    for (const [start = 0, end = 0] of ranges.toSorted(([a = 0], [b = 0]) => a - b)) {
      const now = Buffer.from(arena.buffer, from, Math.max(0, start - from));
      if (!now.equals(before.subarray(from - offset, from - offset + now.length)))
        expect.fail(`expected nothing to be written between the bytes ${from} and ${start} of the arena`);
      from = Math.max(from, end);
    }
    return result;
  }

  /** Gives the blocks back, for the next case. */
  clear(): void {
    for (const block of this.#blocks.splice(0)) this.backend.arena.free(block);
  }

  #keep<B extends Tensor | Ints>(block: B): B {
    this.#blocks.push(block);
    return block;
  }
}

let snapshot = Buffer.alloc(0);

/** A copy that lives until the next. */
function snapshotOf(bytes: Uint8Array): Buffer {
  if (snapshot.length < bytes.length) snapshot = Buffer.alloc(2 * bytes.length);
  snapshot.set(bytes);
  return snapshot.subarray(0, bytes.length);
}

export function draw(random: Random, count: number, scale = 1): Float32Array {
  return Float32Array.from({ length: count }, () => scale * (2 * random.uniform() - 1));
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
