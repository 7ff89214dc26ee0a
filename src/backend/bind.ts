import { OptionError } from "../errors.js";
import { Ints, Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import type { Precision } from "./backend.js";
import { type Kernels, nameInC, signatures } from "./kernels.js";

/** A C kernel: its arguments in order, arrays as byte offsets, 0 for one that is left out. */
export type Call = (values: readonly number[]) => number;

interface Bound {
  readonly arena: Arena;
  /** The kernel of a name in C. */
  readonly find: (name: string) => Call;
  readonly threads: number;
  readonly precision: Precision;
}

/** The kernels of a compiled backend: each lists its arguments in the order of its signature and runs. */
export function bindKernels({ arena, find, threads, precision }: Bound): Kernels {
  const quantized = precision === "int8" ? new Quantized(arena, find("quantize")) : undefined;
  const bound = Object.entries(signatures).map(([name, { writes, reads, sizes, extra }]) => {
    const call = find(nameInC(name));
    const [written, read] = [writes, reads].map((names) => names.map((id) => id.replace("?", "")));
    const letters: readonly string[] = sizes.filter((id) => id.length === 1); // which a scratch twin takes
    const has = (what: string): boolean => extra.some((id) => id === what);
    const [hasThreads, hasInt8] = [has("threads"), has("int8")];
    const scratch = has("scratch") ? new Scratch(arena, find(`${nameInC(name)}_scratch`), letters, threads) : undefined;
    const values: number[] = [];

    const kernel = (to: Bag, from: Bag, given: Sizes): number => {
      values.length = 0;
      for (const id of written ?? []) values.push(offsetOf(to[id]));
      for (const id of read ?? []) {
        const block = from[id];
        const isWeight = quantized && hasInt8 && block instanceof Tensor && id.startsWith("weight");
        values.push(isWeight ? quantized.of(block, given["H"]).offset : offsetOf(block));
      }
      if (scratch) values.push(scratch.offset(given));
      for (const id of sizes) values.push(given[id] ?? 0);
      if (hasThreads) values.push(threads);
      if (hasInt8) values.push(quantized ? 1 : 0);
      return call(values);
    };
    return [name, kernel];
  });
  const kernels: Kernels = Object.fromEntries(bound);
  return quantized ? refuseToTrain(kernels) : kernels;
}

type Bag = Readonly<Record<string, unknown>>;
type Sizes = Readonly<Record<string, number>>;

function offsetOf(block: unknown): number {
  return block instanceof Tensor || block instanceof Ints ? block.offset : 0;
}

/** The same kernels, of which those that go back say why they do not. */
export function refuseToTrain(kernels: Kernels): Kernels {
  const back = Object.keys(signatures).filter((name) => name.endsWith("Backward"));
  return { ...kernels, ...Object.fromEntries(back.map((name) => [name, refuse])) };
}

function refuse(): never {
  throw new OptionError("precision: expected float32 or bf16 to train with, got int8.", "int8 is for a finished model");
}

/** A kernel's scratch. Its twin is asked how much only when the sizes are others than the last time. */
class Scratch {
  readonly #values: number[];
  #bytes = 0;

  constructor(
    readonly arena: Arena,
    readonly twin: Call,
    readonly letters: readonly string[],
    threads: number,
  ) {
    this.#values = [...letters.map(() => -1), threads];
  }

  offset(given: Sizes): number {
    let changed = false;
    for (const [i, id] of this.letters.entries()) {
      const size = given[id] ?? 0;
      if (this.#values[i] === size) continue;
      this.#values[i] = size;
      changed = true;
    }
    if (changed) this.#bytes = this.twin(this.#values);
    return this.arena.scratch(this.#bytes);
  }
}

/** Weights in int8, each made at its first use. */
class Quantized {
  readonly #made = new Map<Tensor, Ints>();

  constructor(
    readonly arena: Arena,
    readonly quantize: Call,
  ) {}

  /** @param H where it is given, the weights are groups of H outputs */
  of(weight: Tensor, H: number | undefined): Ints {
    const known = this.#made.get(weight);
    if (known) return known;
    const [rows = 0, K = 0] = weight.shape;
    const O = H ?? rows;
    const G = rows / O;
    const packed = this.arena.ints([(G * Math.ceil(O / 16) * 16 * (Math.ceil(K / 2) * 2 + 4)) / 4]);
    this.quantize([packed.offset, weight.offset, G, O, K]);
    this.#made.set(weight, packed);
    return packed;
  }
}
