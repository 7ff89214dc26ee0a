import { OptionError } from "../errors.js";
import { Ints, Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import type { Precision } from "./backend.js";
import { type Kernels, nameInC, signatures } from "./kernels.js";

/** A C kernel. Takes its arguments in the order of the signature: arrays as byte offsets, 0 for an optional one. */
export type CompiledKernel = (values: readonly number[]) => number;

interface CompiledBackend {
  readonly arena: Arena;
  /** Returns the kernel with this name in C. */
  readonly find: (name: string) => CompiledKernel;
  readonly threads: number;
  readonly precision: Precision;
}

/** Wraps the kernels of a compiled backend: each function passes its arguments in the order of the signature. */
export function bindKernels({ arena, find, threads, precision }: CompiledBackend): Kernels {
  const quantized = precision === "int8" ? new QuantizedWeights(arena, find("quantize")) : undefined;
  const wrapped = Object.entries(signatures).map(([name, { writes, reads, sizes, extra }]) => {
    const call = find(nameInC(name));
    const [written, read] = [writes, reads].map((names) => names.map((id) => id.replace("?", "")));
    const letters: readonly string[] = sizes.filter((id) => id.length === 1); // the arguments of the _scratch function
    const has = (argument: string): boolean => extra.some((id) => id === argument);
    const [hasThreads, hasInt8] = [has("threads"), has("int8")];
    const scratch = has("scratch")
      ? new KernelScratch(arena, find(`${nameInC(name)}_scratch`), letters, threads)
      : undefined;
    const values: number[] = [];

    const kernel = (to: Arrays, from: Arrays, given: Sizes): number => {
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
  const kernels: Kernels = Object.fromEntries(wrapped);
  return quantized ? refuseToTrain(kernels) : kernels;
}

type Arrays = Readonly<Record<string, unknown>>;
type Sizes = Readonly<Record<string, number>>;

function offsetOf(block: unknown): number {
  return block instanceof Tensor || block instanceof Ints ? block.offset : 0;
}

/** Replaces the backward kernels by one that throws: int8 weights cannot be trained. */
export function refuseToTrain(kernels: Kernels): Kernels {
  const backward = Object.keys(signatures).filter((name) => name.endsWith("Backward"));
  return { ...kernels, ...Object.fromEntries(backward.map((name) => [name, refuse])) };
}

function refuse(): never {
  throw new OptionError(
    "precision: expected float32 or bf16 for training, got int8.",
    "train in float32, then run the model with int8",
  );
}

/** Scratch of one kernel. Its `_scratch` function is called only when the sizes differ from those of the last call. */
class KernelScratch {
  readonly #values: number[];
  #bytes = 0;

  constructor(
    readonly arena: Arena,
    readonly sizeOf: CompiledKernel,
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
    if (changed) this.#bytes = this.sizeOf(this.#values);
    return this.arena.scratch(this.#bytes);
  }
}

/** Weights in int8, quantized at their first use. */
class QuantizedWeights {
  readonly #packed = new Map<Tensor, Ints>();

  constructor(
    readonly arena: Arena,
    readonly quantize: CompiledKernel,
  ) {}

  /** @param H outputs in a group, since the gates of a recurrent layer are packed apart; undefined for one group */
  of(weight: Tensor, H: number | undefined): Ints {
    const known = this.#packed.get(weight);
    if (known) return known;
    const [rows = 0, K = 0] = weight.shape;
    const O = H ?? rows;
    const G = rows / O;
    const packed = this.arena.ints([(G * Math.ceil(O / 16) * 16 * (Math.ceil(K / 2) * 2 + 4)) / 4]);
    this.quantize([packed.offset, weight.offset, G, O, K]);
    this.#packed.set(weight, packed);
    return packed;
  }
}
