import { OptionError } from "../errors.js";
import { Ints, Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import type { Precision } from "./backend.js";
import { type Kernels, nameInC, signatures } from "./kernels.js";

/** Runs a C kernel by its name there; arrays come as byte offsets, 0 for one that is left out. */
export type Run = (name: string, values: readonly number[]) => number;

/** The kernels of a compiled backend: each lists its arguments in the order of its signature and runs. */
export function bindKernels(
  arena: Arena,
  run: Run,
  { threads, precision }: { threads: number; precision: Precision },
): Kernels {
  const quantized = precision === "int8" ? new Quantized(arena, run) : undefined;
  const bound = Object.entries(signatures).map(([name, { writes, reads, sizes, extra }]) => {
    const inC = nameInC(name);
    const [written, read] = [writes, reads].map((names) => names.map((id) => id.replace("?", "")));
    const lengths: readonly string[] = sizes.filter((id) => id.length === 1); // the letters, which a scratch twin takes
    const has = (what: string): boolean => extra.some((id) => id === what);
    const [hasScratch, hasThreads, hasInt8] = [has("scratch"), has("threads"), has("int8")];

    const kernel = (to: Bag, from: Bag, given: Readonly<Record<string, number>>): number => {
      const given8 = hasInt8 && quantized ? quantized.weightsOf(from, given["H"]) : from;
      const values = [...offsets(to, written ?? []), ...offsets(given8, read ?? [])];
      if (hasScratch) {
        const room = [...lengths.map((id) => given[id] ?? 0), threads];
        values.push(arena.scratch(run(`${inC}_scratch`, room)));
      }
      for (const id of sizes) values.push(given[id] ?? 0);
      if (hasThreads) values.push(threads);
      if (hasInt8) values.push(quantized ? 1 : 0);
      return run(inC, values);
    };
    return [name, kernel];
  });
  const kernels: Kernels = Object.fromEntries(bound);
  return quantized ? refuseToTrain(kernels) : kernels;
}

type Bag = Readonly<Record<string, unknown>>;

function offsets(bag: Bag, names: readonly string[]): number[] {
  return names.map((name) => {
    const block = bag[name];
    return block instanceof Tensor || block instanceof Ints ? block.offset : 0;
  });
}

/** The same kernels, of which those that go back say why they do not. */
export function refuseToTrain(kernels: Kernels): Kernels {
  const refused = { linearBackward: refuse, embeddingBackward: refuse, crossEntropyBackward: refuse };
  return { ...kernels, ...refused, lstmBackward: refuse, gruBackward: refuse, rnnBackward: refuse };
}

function refuse(): never {
  throw new OptionError("precision: expected float32 or bf16 to train with, got int8.", "int8 is for a finished model");
}

/** Weights in int8, each made at its first use. */
class Quantized {
  readonly #made = new Map<unknown, Ints>();

  constructor(
    readonly arena: Arena,
    readonly run: Run,
  ) {}

  /** The same arrays with their weights in int8. @param H where it is given, the weights are groups of H outputs */
  weightsOf(bag: Bag, H: number | undefined): Bag {
    const entries = Object.entries(bag).map(([name, block]) => [
      name,
      name.startsWith("weight") && block instanceof Tensor ? this.#of(block, H) : block,
    ]);
    return Object.fromEntries(entries);
  }

  #of(weight: Tensor, H: number | undefined): Ints {
    const known = this.#made.get(weight);
    if (known) return known;
    const [rows = 0, K = 0] = weight.shape;
    const O = H ?? rows;
    const G = rows / O;
    const packed = this.arena.ints([(G * Math.ceil(O / 16) * 16 * (K + 4)) / 4]);
    this.run("quantize", [packed.offset, weight.offset, G, O, K]);
    this.#made.set(weight, packed);
    return packed;
  }
}
