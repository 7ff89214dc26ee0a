import type { Backend } from "../engine/backend/backend.js";
import { linearFloor } from "./floor.js";

/** Products of (N, D) and (O, D) that saturate a machine; small ones first, for slow backends. */
const products = [
  { N: 192, D: 192, O: 192 },
  { N: 512, D: 512, O: 512 },
  { N: 700, D: 650, O: 2600 },
  { N: 1024, D: 1024, O: 1024 },
];

/** The peak throughput of this backend's matrix product, in operations per second: the reference for a step's. */
export function measurePeak(backend: Backend, seconds: number): number {
  const end = performance.now() + 1000 * seconds;
  let best = 0;
  for (const { N, D, O } of products) {
    if (best > 0 && performance.now() > end) break;
    const [xs, weight, ys] = [
      backend.arena.tensor([N, 1, D]),
      backend.arena.tensor([O, D]),
      backend.arena.tensor([N, 1, O]),
    ];
    for (const { data, size } of [xs, weight]) data.set(Float32Array.from({ length: size }, (_, i) => (i % 13) / 13));
    const share = performance.now() + (1000 * seconds) / products.length;
    do {
      const start = performance.now();
      backend.kernels.linearForward({ ys }, { xs, weight }, { N, T: 1, D, C: 0, O });
      best = Math.max(best, (1000 * linearFloor({ N, T: 1, D, V: O })) / (performance.now() - start));
    } while (performance.now() < share);
    for (const tensor of [xs, weight, ys]) backend.arena.free(tensor);
  }
  return best;
}
