import { Ints, Tensor } from "../tensor.js";
import type { Arena } from "./arena.js";
import { type Kernels, nameInC, signatures } from "./kernels.js";

/** Runs a C kernel by its name there; arrays come as byte offsets, 0 for one that is left out. */
export type Run = (name: string, values: readonly number[]) => number;

/** The kernels of a compiled backend: each lists its arguments in the order of its signature and runs. */
export function bindKernels(arena: Arena, run: Run, threads: number): Kernels {
  const bound = Object.entries(signatures).map(([name, { writes, reads, sizes, extra }]) => {
    const inC = nameInC(name);
    const [written, read] = [writes, reads].map((names) => names.map((id) => id.replace("?", "")));
    const lengths: readonly string[] = sizes.filter((id) => id.length === 1); // the letters, which a scratch twin takes
    const hasScratch = extra.some((id) => id === "scratch");
    const hasThreads = extra.some((id) => id === "threads");

    const kernel = (to: Bag, from: Bag, given: Readonly<Record<string, number>>): number => {
      const values = [...offsets(to, written ?? []), ...offsets(from, read ?? [])];
      if (hasScratch) {
        const room = [...lengths.map((id) => given[id] ?? 0), threads];
        values.push(arena.scratch(run(`${inC}_scratch`, room)));
      }
      for (const id of sizes) values.push(given[id] ?? 0);
      if (hasThreads) values.push(threads);
      return run(inC, values);
    };
    return [name, kernel];
  });
  return Object.fromEntries(bound);
}

type Bag = Readonly<Record<string, unknown>>;

function offsets(bag: Bag, names: readonly string[]): number[] {
  return names.map((name) => {
    const block = bag[name];
    return block instanceof Tensor || block instanceof Ints ? block.offset : 0;
  });
}
